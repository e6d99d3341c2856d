# frozen_string_literal: true

require_relative 'store'

# Which devices a group provides. A container's own ("promoted") device must be provided by its group.
module Devices
  module_function

  # Inheritable devices of every group, and the right to make any node.
  STANDARD = [
    ['char', 1, 3], ['char', 1, 5], ['char', 1, 7], ['char', 1, 8], ['char', 1, 9], ['char', 1, 11],
    ['char', 5, 0], ['char', 5, 1], ['char', 5, 2], ['char', 136, '*']
  ].map { |type, major, minor| { 'type' => type, 'major' => major.to_s, 'minor' => minor.to_s, 'mode' => 'rwm' } }.freeze

  def same?(one, other)
    %w[type major minor].all? { |key| one[key].to_s.sub('all', '*') == other[key].to_s.sub('all', '*') }
  end

  # What `ct devices add` takes; the type was looked at by the client.
  def check_mode(mode)
    return if mode.match?(/\A[rwm]{1,3}\z/) && !mode.match?(/(.)\1/)

    raise CommandFailed, 'invalid mode, allowed characters are: r for read, w for write, m for mknod'
  end

  # A container's own devices and those that its group hands down; what a group only provides (-p) it does not.
  def of_container(store, container)
    own = (container['config']['devices'] || []).map { |device| device.merge('inherited' => false) }
    handed_down = STANDARD + provided(store, container['group']).select { |device| device['inherit'] }
    own + handed_down.reject { |device| own.any? { |there| same?(there, device) } }.map { |device| device.merge('inherited' => true) }
  end

  def provided(store, group) = STANDARD + ((store.group(group) || {})['devices'] || [])

  def check(store, group, devices)
    devices.each do |device|
      there = provided(store, group).find { |candidate| same?(candidate, device) }
      title = "#{device['type'][0]} #{device['major']}:#{device['minor']} #{device['mode']}"
      raise CommandFailed, "device '#{title}' not available in group '#{Store::POOL}:#{group}'" if there.nil?

      next if (device['mode'].chars - there['mode'].chars).empty?

      raise CommandFailed, "group '#{Store::POOL}:#{group}' provides only mode '#{there['mode']}' for device '#{title}'"
    end
  end

  def provide(store, group, devices)
    config = store.group(group)
    own = (config['devices'] || []).map do |there|
      wanted = devices.find { |device| same?(there, device) }
      wanted ? there.merge('mode' => %w[r w m].select { |letter| (there['mode'] + wanted['mode']).include?(letter) }.join) : there
    end
    missing = devices.reject { |device| provided(store, group).any? { |there| same?(there, device) } }
    store.save_group(group, config.merge('devices' => own + missing))
  end

  def available?(store, group, device)
    check(store, group, [device])
    true
  rescue CommandFailed
    false
  end
end
