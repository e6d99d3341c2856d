# frozen_string_literal: true

require_relative 'accounts'
require_relative 'devices'

# What `ls` and `show` say. Fields are those of the real commands; statistics that only a kernel has are null.
class Listing
  def initialize(store)
    @store = store
  end

  def pools(names)
    return [] unless names.empty? || names.include?(Store::POOL)

    [{ 'name' => Store::POOL, 'dataset' => Store::POOL, 'state' => @store.active? ? 'active' : 'disabled',
       'users' => @store.users.length, 'groups' => @store.groups.length, 'containers' => @store.registered.length,
       'parallel_start' => 2, 'parallel_stop' => 4 }]
  end

  def users(names) = chosen(@store.users, names).map { |name| Accounts.describe_user(@store, name) }

  def groups(names) = chosen(@store.groups, names).map { |name| Accounts.describe_group(@store, name) }

  def containers(ids)
    chosen(@store.registered, ids).map { |id| container(@store.container(id)) }
  end

  def container(container)
    config = container['config']
    dataset = container['dataset']
    mountpoint = @store.datasets.mountpoint(dataset)
    maps = @store.user(container['user']) || {}
    {
      'pool' => Store::POOL, 'id' => container['id'], 'user' => container['user'], 'group' => container['group'],
      'uid_map' => Accounts.export_map(maps['uid_map'] || []), 'gid_map' => Accounts.export_map(maps['gid_map'] || []),
      'dataset' => dataset, 'rootfs' => "#{mountpoint}/private", 'boot_dataset' => dataset,
      'boot_rootfs' => "#{mountpoint}/private", 'lxc_path' => "#{@store.dir}/run/lxc",
      'lxc_dir' => "#{@store.dir}/run/lxc/#{container['id']}",
      'group_path' => "osctl/pool.#{Store::POOL}/group.default/user.#{container['user']}/ct.#{container['id']}",
      'distribution' => config['distribution'], 'version' => config['version'], 'state' => container['state'],
      'init_pid' => nil, 'autostart' => !config['autostart'].nil?,
      'autostart_priority' => config.dig('autostart', 'priority'), 'autostart_delay' => config.dig('autostart', 'delay'),
      'ephemeral' => config['ephemeral'] == true, 'hostname' => config['hostname'],
      'dns_resolvers' => config['dns_resolvers'], 'nesting' => config['nesting'] == true,
      'seccomp_profile' => config.fetch('seccomp_profile', '/etc/lxc/config/common.seccomp'),
      'init_cmd' => config.fetch('init_cmd', ['/sbin/init']), 'cpu_package_inuse' => nil,
      'cpu_package_set' => config.fetch('cpu_package', 'auto'), **limits(config),
      'start_menu' => config.fetch('start_menu', true) ? true : false, 'start_menu_timeout' => 5,
      'impermanence' => !config['impermanence'].nil?, 'impermanence_zfs_properties' => {}, 'raw_lxc' => nil,
      'log_file' => "#{@store.dir}/#{Store::POOL}/log/ct/#{container['id']}.log",
      'loadavg' => nil, 'memory' => nil, 'cpu_us' => nil,
      **(@store.newer? ? { 'map_mode' => config.fetch('map_mode', 'zfs'), 'arch' => config['arch'] } : {}),
      **(config['attrs'] || {})
    }
  end

  def devices(id)
    Devices.of_container(@store, @store.container!(id)).map do |device|
      { 'name' => nil, 'inherit' => device['inherited'] }.merge(device)
                                                          .slice('type', 'major', 'minor', 'mode', 'name', 'inherit', 'inherited')
    end
  end

  def group_devices(name)
    raise CommandFailed, 'group not found' if @store.group(name).nil?

    Devices.provided(@store, name).map { |device| { 'name' => nil, 'inherit' => true, 'inherited' => false }.merge(device) }
  end

  # Addresses are not among the fields: `ct netif ip ls` has them.
  def interfaces(id)
    each_interface(id).map do |ctid, interface, index|
      { 'pool' => Store::POOL, 'ctid' => ctid, 'name' => interface['name'], 'index' => index, 'type' => interface['type'],
        'link' => interface['link'], 'dhcp' => interface['dhcp'], 'gateways' => interface['gateways'], 'veth' => nil,
        'hwaddr' => interface['hwaddr'], 'tx_queues' => 1, 'rx_queues' => 1, 'max_tx' => 0, 'max_rx' => 0 }
    end
  end

  # @param kind [String] ip_addresses or routes
  def addresses(kind, id = nil, name = nil)
    each_interface(id).select { |_, interface| name.nil? || interface['name'] == name }.flat_map do |ctid, interface|
      (interface[kind] || {}).flat_map do |family, entries|
        entries.map do |entry|
          { 'pool' => Store::POOL, 'ctid' => ctid, 'netif' => interface['name'], 'version' => Integer(family[/\d/]),
            'addr' => entry.is_a?(Hash) ? entry['address'] : entry }
        end
      end
    end
  end

  private

  def chosen(all, words)
    names = words.map { |word| word.delete_prefix("#{Store::POOL}:") }
    names.empty? ? all : all & names
  end

  def each_interface(id)
    containers = id ? [@store.container!(id)] : @store.registered.map { |registered| @store.container(registered) }
    containers.flat_map do |container|
      (container['config']['net_interfaces'] || []).each_with_index.map { |interface, index| [container['id'], interface, index] }
    end
  end

  # Only the parameters of the node's cgroup version count.
  def limits(config)
    version = @store.cgroup_version
    values = (config['cgparams'] || []).select { |parameter| (parameter['version'] || 1) == version }
                                       .to_h { |parameter| [parameter['name'], parameter['value'].last] }
    memory = values[version == 1 ? 'memory.limit_in_bytes' : 'memory.max']
    swap = version == 1 ? values['memory.memsw.limit_in_bytes']&.then { |both| both - memory } : values['memory.swap.max']
    quota = version == 1 ? values['cpu.cfs_quota_us'] : values['cpu.max']&.then { |text| Integer(text.split.first) }
    { 'cpu_limit' => quota && (quota / 1000.0), 'memory_limit' => memory, 'swap_limit' => swap }
  end
end
