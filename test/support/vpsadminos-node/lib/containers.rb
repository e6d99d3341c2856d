# frozen_string_literal: true

require_relative 'accounts'
require_relative 'container_config'
require_relative 'container_log'
require_relative 'devices'
require_relative 'key_chain'

# The commands on containers other than import. Each gets the options of the command line, with `id`.
class Containers
  def initialize(store, progress)
    @store = store
    @progress = progress
  end

  # `ct new --skip-image`. Cleans up after itself.
  def create(options)
    id = options['id']
    raise CommandFailed, "container #{Store::POOL}:#{id} already exists" if @store.container(id)
    raise CommandFailed, 'user not found' if options['user'] && @store.user(options['user']).nil?
    raise CommandFailed, 'group not found' if options['group'] && @store.group(options['group']).nil?

    { 'distribution' => 'distribution', 'version' => 'distribution version', 'arch' => 'architecture' }.each do |key, title|
      raise CommandFailed, "provide #{title}" if options[key].nil?
    end
    unless id.match?(Store::CONTAINER_ID)
      raise CommandFailed, "invalid ID, allowed characters: #{Store::CONTAINER_ID.source}"
    end

    user = options['user'] || Accounts.automatic_user(@store, id)
    container = { 'id' => id, 'user' => user, 'group' => options['group'] || '/default', 'state' => 'stopped',
                  'dataset' => options['dataset'] || "#{Store::POOL}/ct/#{id}",
                  'config' => options.slice('distribution', 'version', 'arch').merge(
                    'prlimits' => { 'nofile' => { 'soft' => 1024, 'hard' => 1_048_576 } },
                    **(@store.newer? ? { 'map_mode' => @store.switch('map-mode', 'zfs') } : {})
                  ) }
    @store.lock(id, 'ct_create') { set_up(container, keep_dataset: !options['dataset'].nil?) }
  end

  def delete(options)
    container = @store.container!(options['id'])
    id = container['id']
    raise CommandFailed, 'the container is running' if container['state'] == 'running' && !options['force']

    act(container, 'del') do
      @store.fail_at('del')
      @progress.call('Stopping container')
      @progress.call('Moving dataset to trash')
      @store.datasets.create("#{Store::POOL}/trash", parents: true)
      unique = Process.clock_gettime(Process::CLOCK_REALTIME, :nanosecond)
      @store.datasets.rename(container['dataset'], "#{Store::POOL}/trash/#{id}.#{unique}")
      FileUtils.rm_rf("#{@store.dir}/run/lxc/#{id}")
      # A ghost has no such file, and stays a ghost.
      File.unlink(@store.config_file(id))
      @progress.call('Unregistering container')
      @store.forget(id)
      Accounts.drop_automatic_user(@store, container['user'])
      KeyChain.new(@store).release(container.dig('log', 'key'))
    end
  end

  # Whole replacement, only of a stopped container. The user, the group and the dataset stay.
  def replace_config(options)
    change(options, 'ct_cfg_replace') do |container|
      raise CommandFailed, 'the container has to be stopped' unless container['state'] == 'stopped'

      @store.fail_at('config')

      container['config'] = ContainerConfig.load(options.fetch('input'))
      @progress.call('Reconfiguring LXC usernet')
    end
  end

  # nil takes a key away.
  def set(options, key, value)
    change(options, 'ct_set') do |container|
      value.nil? ? container['config'].delete(key) : container['config'][key] = value
    end
  end

  def set_attribute(options, key, value)
    raise CommandFailed, "invalid attribute name '#{key}'" unless /^[^:]+:.+$/.match?(key)

    change(options, 'ct_set') do |container|
      attributes = (container['config']['attrs'] ||= {})
      value.nil? ? attributes.delete(key) : attributes[key] = value
    end
  end

  def add_device(options, device)
    change(options, 'ct_device_add') do |container|
      raise CommandFailed, 'device already exists' if Devices.of_container(@store, container).any? { |there| Devices.same?(there, device) }

      Devices.check_mode(device['mode'])
      Devices.provide(@store, container['group'], [device]) if options['parents']
      Devices.check(@store, container['group'], [device])
      (container['config']['devices'] ||= []) << device
    end
  end

  def start(options)
    container = @store.container!(options['id'])
    return if container['state'] == 'running'
    raise CommandFailed, 'start not available' unless container['state'] == 'stopped'

    act(container, 'start') do
      begin
        mount_all(container)
      rescue Datasets::Error => e
        raise CommandFailed, "failed to mount dataset: #{e.message}"
      end
      @progress.call('Starting container')
      sleep(Float(@store.switch('start-seconds', '0')))
      raise CommandFailed, 'container failed to start' if @store.take_one('start-fails') || !init?(container)

      @store.save_config(container.merge('state' => 'running'))
    end
  end

  # `ct runscript`. In a stopped container, with -r, the script runs in the place of init. It holds no lock, so `ct stop` ends it.
  def run_script(options, arguments)
    require_relative 'guest_namespace'
    container = @store.container!(options['id'])
    starts = container['state'] == 'stopped' && options['run']
    raise CommandFailed, 'container not running' unless starts || container['state'] == 'running'

    mount_all(container)
    root = File.join(@store.datasets.mountpoint(container['dataset']), 'private')
    script = "/.runscript#{Process.pid}.sh"
    File.binwrite("#{root}#{script}", options['text'], perm: 0o500)
    ContainerLog.around(@store, 'runscript', container['id']) do
      @store.save_config(container.merge('state' => 'running')) if starts
      stdout, stderr, status = GuestNamespace.run(root, [script, *arguments]) { |pid| File.write(script_file(container), pid.to_s) }
      { 'exitstatus' => status, 'stdout' => stdout, 'stderr' => stderr }
    end
  ensure
    FileUtils.rm_f("#{root}#{script}") if root
    @store.save_config(@store.container!(options['id']).merge('state' => 'stopped')) if starts
    # Last: who waits for the end looks at it.
    FileUtils.rm_f(script_file(container)) if container
  end

  def stop(options)
    container = @store.container!(options['id'])
    return unless container['state'] == 'running'
    return end_script(container) if File.exist?(script_file(container))

    @progress.call('Stopping container')
    act(container, 'stop') do
      sleep(Float(@store.switch('stop-seconds', '0')))
      @store.save_config(container.merge('state' => 'stopped'))
    end
  end

  # Works on a staged container too. There is no umount.
  def mount(options) = mount_all(@store.container!(options['id']))

  private

  # Names the process group of a script that runs in the place of init.
  def script_file(container) = "#{@store.dir}/run/runscript.#{container['id']}"

  def end_script(container)
    Process.kill('KILL', -Integer(File.read(script_file(container))))
    sleep 0.05 while File.exist?(script_file(container))
  end

  # Holds the container, and has it in ct.log.
  def act(container, verb, &)
    id = container['id']
    @store.lock(id, "ct_#{verb}") { ContainerLog.around(@store, verb, id, &) }
  end

  # A link counts: where it leads is known inside only.
  def init?(container)
    init = File.join(@store.datasets.mountpoint(container['dataset']), 'private/sbin/init')
    File.exist?(init) || File.symlink?(init)
  end

  def set_up(container, keep_dataset:)
    raise CommandFailed, 'container already exists' unless @store.register(container)

    dataset = container['dataset']
    @store.datasets.create(dataset, parents: true, properties: Accounts.dataset_properties(@store, container))
    mount_all(container)
    FileUtils.chmod(0o770, @store.datasets.mountpoint(dataset))
    FileUtils.mkdir_p("#{@store.dir}/run/lxc/#{container['id']}")
    @store.fail_at('new')
    @store.save_config(container)
  rescue StandardError
    @progress.call('Error occurred, cleaning up')
    @store.datasets.destroy(dataset, recursive: true) if !keep_dataset && @store.datasets.exist?(dataset)
    @store.forget(container['id'])
    Accounts.drop_automatic_user(@store, container['user'])
    raise
  end

  def mount_all(container)
    @store.datasets.below(container['dataset']).each do |name|
      @store.datasets.mount(name) unless @store.datasets.mounted?(name)
    end
  end

  def change(options, command)
    id = @store.container!(options['id'])['id']
    @store.lock(id, command) do
      container = @store.container(id)
      yield container
      @store.save_config(container)
    end
  end
end
