# frozen_string_literal: true

require_relative 'accounts'
require_relative 'archive'
require_relative 'container_config'
require_relative 'devices'

# From an archive to a container: what `ct import` and `receive skel` share.
class ArchivedContainer
  attr_reader :metadata, :container

  # @param options [Hash] `as_user`, `as_group` and `dataset`, where they take the place of the archive's
  def initialize(store, archive, options = {})
    @store = store
    @archive = archive
    @options = options
    @metadata = archive.yaml('metadata.yml') || raise('metadata.yml not found')
  end

  # Makes the user and the group that are not there yet. The container is not registered.
  def load(id)
    user = choose_user(id)
    group = choose_group
    config = ContainerConfig.load(@archive.text('config/container.yml') || File.read(@store.config_file(id)))
    @container = { 'id' => id, 'user' => user, 'group' => group, 'state' => 'staged', 'config' => config,
                   'dataset' => @options['dataset'] || "#{Store::POOL}/ct/#{id}" }
  end

  # Parents first.
  def dataset_names = [@container['dataset']] + @metadata['datasets'].map { |name| File.join(@container['dataset'], name) }

  # @param keep [Boolean] what is there is taken as it is; it gets no map
  def create_datasets(keep:)
    @store.fail_at('datasets')
    properties = Accounts.dataset_properties(@store, @container)
    dataset_names.each_with_index do |name, index|
      next if keep && @store.datasets.exist?(name)

      @store.datasets.create(name, properties: properties, parents: index.zero?)
    end
  end

  def create_homes
    FileUtils.mkdir_p("#{@store.dir}/run/lxc/#{@container['id']}")
    FileUtils.touch("#{@store.dir}/#{Store::POOL}/log/ct/#{@container['id']}.log")
  end

  def install_hooks
    target = "#{@store.dir}/#{Store::POOL}/hook/ct/#{@container['id']}"
    FileUtils.mkdir_p(target)
    @archive.each_hook do |entry|
      place = File.join(target, entry.full_name.delete_prefix('hooks/'))
      # A directory has to come before what is in it.
      next FileUtils.mkdir_p(place) if entry.directory?

      File.open(place, 'w', entry.header.mode & 0o7777) { |file| file.write(entry.read) }
    end
  end

  # What the newer dialect does after a failure. A dataset that was named stays.
  def clean_up
    dataset = @container['dataset']
    @store.datasets.destroy(dataset, recursive: true) if @options['dataset'].nil? && @store.datasets.exist?(dataset)
    @store.forget(@container['id'])
    FileUtils.rm_f(@store.config_file(@container['id']))
    Accounts.drop_automatic_user(@store, @container['user'])
  end

  private

  def choose_user(id)
    as_user = @options['as_user']
    if as_user
      raise CommandFailed, 'user not found' if @store.user(as_user).nil?

      return as_user
    end
    name = @metadata['user']
    name.nil? ? Accounts.automatic_user(@store, id) : Accounts.user_of_archive(@store, name, @archive.text('config/user.yml'))
  end

  def choose_group
    as_group = @options['as_group']
    if as_group
      raise CommandFailed, 'group not found' if @store.group(as_group).nil?

      return as_group
    end
    name = @metadata['group']
    name.nil? ? '/default' : Accounts.group_of_archive(@store, name, @archive.text('config/group.yml'))
  end
end
