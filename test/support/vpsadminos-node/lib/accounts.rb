# frozen_string_literal: true

require_relative 'store'

# Users and groups: which ones an archive gets, and the commands that show them.
module Accounts
  module_function

  def create_user(store, name, config = nil)
    width = 31 - Store::POOL.length
    unless /^[a-z0-9_-]{1,#{width}}$/.match?(name)
      raise CommandFailed, "invalid name, allowed format: ^[a-z0-9_-]{1,#{width}}$"
    end

    map = store.free_map
    store.save_user(name, config || { 'uid_map' => map, 'gid_map' => map, 'standalone' => false })
    name
  end

  # No user in the archive: one named like the container.
  def automatic_user(store, id)
    raise TypeError, "no user name in #{id.inspect}" unless id.is_a?(String)

    store.user(id) ? id : create_user(store, id)
  end

  def user_of_archive(store, name, text)
    existing = store.user(name)
    config = YAML.safe_load(text || File.read(store.user_file(name)))
    maps = %w[uid_map gid_map].to_h { |key| [key, config.fetch(key).map { |entry| normalize_entry(entry) }] }
    # `standalone` of the file is not passed on.
    return create_user(store, name, maps) if existing.nil?

    maps.each do |key, map|
      next if existing[key] == map

      raise "user #{Store::POOL}:#{name} already exists: #{key} mismatch: existing #{existing[key]}, trying to import #{map}"
    end
    name
  end

  def normalize_entry(entry) = entry.split(':').map { |number| Integer(number) }.join(':')

  def group_of_archive(store, name, text)
    YAML.safe_load(text || File.read(store.group_file(name))).fetch('devices', [])
    create_group(store, name) unless store.group(name)
    name
  end

  # The archive's settings of a new group are not applied.
  def create_group(store, name)
    raise CommandFailed, 'group name has to start with /' unless name.start_with?('/')

    store.save_group(name, {})
  end

  # Of the datasets of a container. Where its `map_mode` is native, ids are shifted by the mount, and not by the dataset.
  def dataset_properties(store, container)
    native = store.newer? && container['config']['map_mode'] == 'native'
    maps = store.user(container['user'])
    map = ->(key) { native ? 'none' : maps[key].join(',') }
    { 'canmount' => 'noauto', 'uidmap' => map.call('uid_map'), 'gidmap' => map.call('gid_map') }
  end

  # An automatic user goes with its last container.
  def drop_automatic_user(store, name)
    return if store.user(name).nil? || store.user(name)['standalone'] || !store.members('user', name).empty?

    File.unlink(store.user_file(name))
  end

  def delete_user(store, name)
    raise CommandFailed, 'user not found' if store.user(name).nil?
    raise CommandFailed, 'user has container(s)' unless store.members('user', name).empty?

    File.unlink(store.user_file(name))
  end

  def delete_group(store, name)
    raise CommandFailed, 'group not found' if store.group(name).nil?
    raise CommandFailed, 'group is used by containers' unless store.members('group', name).empty?

    File.unlink(store.group_file(name))
  end

  # `user map`
  def list_maps(store, name)
    config = store.user(name) || raise(CommandFailed, 'user not found')
    { 'uid' => 'uid_map', 'gid' => 'gid_map' }.flat_map do |type, key|
      config[key].map { |entry| %w[ns_id host_id count].zip(entry.split(':').map { |number| Integer(number) }).to_h.merge('type' => type) }
    end
  end

  def describe_user(store, word)
    name = Store.name_in_pool(word)
    config = store.user(name) || raise(CommandFailed, 'user not found')
    { 'pool' => Store::POOL, 'name' => name, 'standalone' => config['standalone'] == true,
      'uid_map' => export_map(config['uid_map']), 'gid_map' => export_map(config['gid_map']) }
  end

  def describe_group(store, name) = { 'pool' => Store::POOL, 'name' => name, 'containers' => store.members('group', name).length }

  def export_map(map)
    map.map { |entry| %w[ns_id host_id id_count].zip(entry.split(':').map { |number| Integer(number) }).to_h }
  end
end
