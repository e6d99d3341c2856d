# frozen_string_literal: true

require_relative 'archived_container'

# `osctl ct import`: the steps in osctld's order. There is no rescue at the end: what failed after `register` stays behind
# as a ghost, registered and without a config file. The newer dialect cleans up.
class Import
  def initialize(store, options, progress)
    @store = store
    @options = options
    @progress = progress
  end

  def run
    @archive = Archive.new(@options.fetch('file'))
    @archived = ArchivedContainer.new(@store, @archive, @options)
    @metadata = @archived.metadata
    id = @options['as_id'] || @metadata['container'] ||
         raise(CommandFailed, 'the image does not include container id, specify it')
    raise CommandFailed, "container #{Store::POOL}:#{id} already exists" if @store.container(id)

    @container = @archived.load(id)
    validate
    @store.lock(id, 'ct_import') { register_and_fill }
  ensure
    @archive&.close
  end

  private

  def validate
    problems = []
    id_format = Store::CONTAINER_ID
    problems << "invalid ID, allowed characters: #{id_format.source}" unless @container['id'].match?(id_format)
    dataset = @container['dataset']
    problems << "dataset #{dataset} does not belong to pool #{Store::POOL}" unless dataset.start_with?("#{Store::POOL}/")
    raise CommandFailed, problems.join('; ') unless problems.empty?
  end

  def register_and_fill
    id = @container['id']
    raise CommandFailed, "container #{Store::POOL}:#{id} already exists" unless @store.register(@container)

    fill
  rescue StandardError
    @archived.clean_up if @store.newer? && @store.container(id)
    raise
  end

  def fill
    settle_devices
    @progress.call('Creating datasets')
    # With --dataset, one that is there is taken as it is.
    @archived.create_datasets(keep: !@options['dataset'].nil?)
    @archived.create_homes
    @progress.call('Importing rootfs')
    @store.fail_at('rootfs')
    sleep(Float(@store.switch('import-seconds', '0')))
    import_data
    set_modes
    @store.fail_at('save')
    @store.save_config(@container)
    @store.fail_at('hooks')
    @archived.install_hooks
    @progress.call('Reconfiguring LXC usernet') if (@container['config']['net_interfaces'] || []).any?
    # A state in the archive is loaded like any key, and `staged` makes the container unstartable.
    @container['state'] = @container['config'].delete('state') || 'stopped'
    @store.save_config(@container)
  end

  def settle_devices
    group = @container['group']
    devices = @container['config']['devices'] || []
    case @options['missing_devices']
    when 'provide' then Devices.provide(@store, group, devices)
    when 'remove' then devices.select! { |device| Devices.available?(@store, group, device) }
    else Devices.check(@store, group, devices)
    end
  end

  def dataset_names = @archived.dataset_names

  def import_data
    case @metadata['format']
    when 'zfs'
      dataset_names.each_with_index { |name, index| receive_streams(name, index) }
      destroy_snapshots
    when 'tar' then unpack_rootfs
    else raise "unsupported archive format '#{@metadata['format']}'"
    end
  end

  def unpack_rootfs
    set_modes
    raise 'rootfs archive not found' unless @archive.member?('rootfs/base.tar.gz')

    @progress.call('Writing data stream')
    shell("#{@archive.payload('rootfs/base.tar.gz')} | " \
          "tar --xattrs-include=security.capability --xattrs -xz -C #{rootfs}", 'failed to unpack rootfs')
  end

  def receive_streams(dataset, index)
    relative = index.zero? ? '' : "#{@metadata['datasets'][index - 1]}/"
    { 'base' => true, 'incremental' => false }.each do |stream, is_required|
      name = "rootfs/#{relative}#{stream}.dat"
      found = [name, "#{name}.gz"].find { |candidate| @archive.member?(candidate) }
      raise "unable to import: #{relative}#{stream} not found" if found.nil? && is_required
      next if found.nil?

      @progress.call('Writing data stream')
      unpack = found.end_with?('.gz') ? ' | gunzip' : ''
      shell("#{@archive.payload(found)}#{unpack} | zfs recv -F #{dataset}", 'failed to import stream')
    end
  end

  # Once all is received; one that is missing on one dataset fails the import.
  def destroy_snapshots
    return unless @archive.member?('snapshots.yml')

    names = @archive.yaml('snapshots.yml')
    dataset_names.each { |dataset| names.each { |name| shell("zfs destroy #{dataset}@#{name}", 'failed to destroy') } }
  end

  # The status of the last command of the pipe is all that counts.
  def shell(command, failure)
    output = IO.popen(['sh', '-c', "{ #{command}; } 2>&1"], &:read)
    raise "#{failure}: command '#{command}' exited with #{$?.exitstatus}: #{output}" unless $?.success?
  end

  def rootfs = File.join(@store.datasets.mountpoint(@container['dataset']), 'private')

  def set_modes
    dataset_names.each { |name| @store.datasets.mount(name) unless @store.datasets.mounted?(name) }
    FileUtils.chmod(0o770, File.dirname(rootfs))
    FileUtils.mkdir_p(rootfs)
    FileUtils.chmod(0o755, rootfs)
    FileUtils.chown(0, 0, [File.dirname(rootfs), rootfs]) if Process.uid.zero?
  end
end
