# frozen_string_literal: true

require 'ipaddr'

# net_interfaces and everything that is an address (net_interface/*.rb and routing/ of osctld).
module Interfaces
  private

  def check_interfaces(place, value)
    return unless check_list(place, value) { |where, interface| check_interface(where, interface) }

    names = value.map { |interface| interface['name'] }
    expect(place, names.uniq.length == names.length, "names given twice: #{names.join(' ')}")
  end

  def check_interface(place, interface)
    keys = INTERFACE_KEYS[interface['type']]
    return unless expect(place, keys, "type: expected bridge or routed, got #{interface['type'].inspect}")

    found = interface.keys.sort
    expect(place, found == keys, "expected the keys #{keys.join(' ')}, got #{found.join(' ')}")
    check_interface_name("#{place}.name", interface['name'])
    check_mac("#{place}.hwaddr", interface['hwaddr'])
    check_families("#{place}.ip_addresses", interface['ip_addresses']) do |where, entry, bits|
      check_entry(where, entry, bits)
    end
    interface['type'] == 'bridge' ? check_bridge(place, interface) : check_routed(place, interface)
  end

  # dev_valid_name() of the kernel, with IFNAMSIZ.
  def check_interface_name(place, name)
    fits = name.is_a?(String) && name.bytesize.between?(1, 15)
    fits &&= !name.match?(%r{[/:[:space:]]}) && !%w[. ..].include?(name)
    expect(place, fits, "expected a name of at most 15 bytes, got #{name.inspect}")
  end

  # LXC refuses to start with one that the kernel does not take (EADDRNOTAVAIL).
  def check_mac(place, mac)
    return if mac.nil?
    fits = mac.is_a?(String) && mac.match?(/\A\h\h(:\h\h){5}\z/)
    return unless expect(place, fits, "expected a MAC address, got #{mac.inspect}")

    octets = mac.split(':').map(&:hex)
    expect(place, octets.first.even? && octets.any?(&:positive?), "no unicast address: #{mac}")
  end

  # With dhcp, which is also what an absent key means, the guest's files do not get the addresses.
  def check_bridge(place, interface)
    check_interface_name("#{place}.link", interface['link'])
    check_flag("#{place}.dhcp", interface['dhcp'])
    addresses = interface['ip_addresses'].values.flatten
    expect("#{place}.dhcp", interface['dhcp'] != true || addresses.empty?, 'addresses are ignored with dhcp')
    gateways = interface['gateways']
    fits = gateways.is_a?(Hash) && gateways.keys.sort == %w[v4 v6]
    return unless expect("#{place}.gateways", fits, 'expected v4 and v6')

    gateways.each do |family, word|
      check_address("#{place}.gateways.#{family}", word, family) unless %w[auto none].include?(word)
    end
  end

  def check_routed(place, interface)
    check_families("#{place}.routes", interface['routes']) do |where, entry, bits|
      check_entry(where, entry, bits)
      address, prefix = entry.split('/')
      # `ip route add` refuses host bits when the interface comes up. IPAddr clears those of what it reads.
      expect(where, IPAddr.new("#{address}/#{prefix}").to_s == IPAddr.new(address).to_s, "no network address: #{entry}")
    end
    routes = interface['routes'].values.flatten.map { |entry| IPAddr.new(entry) }
    interface['ip_addresses'].values.flatten.each do |entry|
      address = IPAddr.new(entry.split('/').first)
      covered = routes.any? { |route| route.family == address.family && route.include?(address) }
      expect("#{place}.routes", covered, "no route to #{entry}")
    end
  end

  def check_families(place, families)
    return unless expect(place, families.is_a?(Hash) && families.keys.sort == %w[v4 v6], 'expected v4 and v6')

    families.each do |family, entries|
      next unless expect("#{place}.#{family}", entries.is_a?(Array), "expected a list, got #{entries.inspect}")

      expect("#{place}.#{family}", entries.uniq.length == entries.length, 'an address given twice')
      entries.each { |entry| yield "#{place}.#{family}", entry, FAMILY_BITS.fetch(family) }
    end
  end

  def check_entry(place, entry, bits)
    fits = entry.is_a?(String) && entry.count('/') == 1
    return unless expect(place, fits, "expected ADDRESS/PREFIX, got #{entry.inspect}")

    address, prefix = entry.split('/')
    check_address(place, address, bits == 32 ? 'v4' : 'v6')
    expect(place, prefix.to_s.match?(/\A\d+\z/) && prefix.to_i <= bits, "no prefix for this family: #{entry}")
  end

  def check_address(place, text, family = nil)
    address = text.is_a?(String) && !text.match?(%r{[%/\s]}) ? IPAddr.new(text) : nil
    fits = address && (family.nil? || address.ipv4? == (family == 'v4'))
    expect(place, fits, "expected an IP address, got #{text.inspect}")
  rescue IPAddr::Error
    wrong(place, "expected an IP address, got #{text.inspect}")
  end

  FAMILY_BITS = { 'v4' => 32, 'v6' => 128 }.freeze
  INTERFACE_KEYS = {
    'bridge' => %w[dhcp gateways hwaddr ip_addresses link name type],
    'routed' => %w[hwaddr ip_addresses name routes type]
  }.freeze
end
