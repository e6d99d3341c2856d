# frozen_string_literal: true

autoload :IPAddr, 'ipaddr'
autoload :YAML, 'yaml'

# config/container.yml as osctld's loader takes it: unknown keys are ignored, anything of a wrong type raises what Ruby
# happens to raise, which is "internal error" to the client.
module ContainerConfig
  module_function

  KNOWN = %w[distribution version arch net_interfaces cgparams devices prlimits mounts autostart hostname dns_resolvers
             nesting seccomp_profile init_cmd cpu_package start_menu ephemeral impermanence attrs hints map_mode state].freeze

  # @param text [String] YAML without permitted classes, aliases or symbols
  # @return [Hash] what is kept of it
  def load(text)
    config = YAML.safe_load(text)
    raise TypeError, "config/container.yml holds #{config.class}" unless config.is_a?(Hash)

    config.fetch('distribution').to_sym
    list(config, 'net_interfaces').each { |interface| check_interface(interface) }
    list(config, 'cgparams').each { |parameter| check_cgparam(parameter) }
    list(config, 'devices').each { |device| check_device(device) }
    list(config, 'mounts').each { |mount| %w[fs mountpoint type].each { |key| mount.fetch(key) } }
    check_prlimits(config['prlimits'] || {})
    check_hostname(config['hostname'])
    # Of hints, it is there as a map or not at all.
    (config['hints'] || {}).fetch('cpu_daily', {}).fetch('user_us', 0)
    check_attributes(config['attrs'] || {})
    (config['dns_resolvers'] || []).each { |address| string(address) }
    (config['init_cmd'] || []).each { |word| string(word) }
    # Containers are sorted by these.
    config['autostart']&.then { |autostart| %w[priority delay].each { |key| Integer(autostart.fetch(key)) } }
    config.slice(*KNOWN)
  end

  def list(config, key)
    value = config[key] || []
    raise TypeError, "#{key} is no list" unless value.is_a?(Array)

    value
  end

  def string(value) = value.is_a?(String) ? value : raise(TypeError, "expected a string, got #{value.inspect}")

  def check_interface(interface)
    type = interface['type']
    raise NoMethodError, "no interface class for #{type.inspect}" unless %w[bridge routed].include?(type)

    string(interface['name'])
    string(interface['hwaddr']) unless interface['hwaddr'].nil?
    addresses(interface['ip_addresses']) { |entry| IPAddr.new(string(entry)) }
    addresses(interface['routes']) { |entry| IPAddr.new(string(entry.is_a?(Hash) ? entry.fetch('address') : entry)) }
    (interface['gateways'] || {}).each_value { |word| IPAddr.new(string(word)) unless %w[auto none].include?(word) }
  end

  def addresses(families, &check)
    (families || {}).each do |family, entries|
      raise "unsupported IP version '#{family}': expected v4 or v6" unless ['v4', 'v6', 4, 6].include?(family)

      entries.each(&check)
    end
  end

  def check_cgparam(parameter)
    string(parameter['subsystem'])
    string(parameter['name'])
    # The elements of a list are written in turn.
    parameter['value'].each { |value| value.to_s }
    raise ArgumentError, 'unknown cgroup version' unless [nil, 1, 2].include?(parameter['version'])
  end

  def check_device(device)
    raise ArgumentError, "unknown device type #{device['type'].inspect}" unless %w[char block].include?(device['type'])

    string(device['mode']).chars.each { |letter| raise ArgumentError, "mode #{letter}" unless 'rwm'.include?(letter) }
    %w[major minor].each { |key| device.fetch(key) }
  end

  def check_prlimits(prlimits)
    entries = prlimits.is_a?(Array) ? prlimits : prlimits.values
    entries.each do |limit|
      [limit.fetch('soft'), limit.fetch('hard')].each { |value| Integer(value) unless value == 'unlimited' }
    end
  end

  def check_hostname(hostname)
    return if hostname.nil?

    raise NoMethodError, "no name in #{hostname.inspect}" if string(hostname).split('.').empty?
  end

  def check_attributes(attributes)
    attributes.each_key { |key| raise "invalid attribute name '#{key}'" unless /^[^:]+:.+$/.match?(key) }
  end
end
