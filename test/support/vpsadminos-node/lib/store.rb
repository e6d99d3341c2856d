# frozen_string_literal: true

require 'fileutils'
require 'json'
require 'yaml'
require_relative 'datasets'

# A message that reaches the client. Every other exception is an "internal error" to it.
class CommandFailed < StandardError; end

# The state of the node. On disk as osctld has it: DIR/tank/conf/{ct,user,group}. What osctld holds only in memory (and
# forgets when it restarts) is in DIR/run/ct, one file for each registered container.
class Store
  POOL = 'tank'
  CONTAINER_ID = /^[a-z0-9_-]{1,100}$/i

  attr_reader :dir, :datasets

  def self.name_in_pool(word) = word.delete_prefix("#{POOL}:")

  def initialize(dir = ENV.fetch('VPSADMINOS_STANDIN'))
    @dir = dir
    @datasets = Datasets.of(dir)
  end

  # Forgets what has no config file, and reads the files of all others anew; a running container survives.
  def restart
    @datasets.create("#{POOL}/ct", parents: true) unless @datasets.exist?("#{POOL}/ct")
    %w[ct user group].each { |kind| FileUtils.mkdir_p("#{@dir}/#{POOL}/conf/#{kind}") }
    %W[run/ct run/locks run/lxc #{POOL}/log/ct #{POOL}/hook/ct].each { |path| FileUtils.mkdir_p("#{@dir}/#{path}") }
    save_group('/default', {}) unless group('/default')
    registered.each { |id| forget(id) unless File.exist?(config_file(id)) }
    Dir.children("#{@dir}/#{POOL}/conf/ct").each { |file| reload(file.delete_suffix('.yml')) }
  end

  def active? = !File.exist?("#{@dir}/pool-disabled")

  # The dialect that cleans up after a failed import.
  def newer? = File.exist?("#{@dir}/newer")

  def cgroup_version = Integer(switch('cgroup.version', '1'))

  # The content of a switch file.
  def switch(name, default = nil)
    File.exist?("#{@dir}/#{name}") ? File.read("#{@dir}/#{name}").strip : default
  end

  def fail_at(step)
    raise "switched to fail at #{step}" if switch('fail-at') == step
  end

  # --- containers

  def registered = Dir.children("#{@dir}/run/ct").sort

  def container(id)
    file = "#{@dir}/run/ct/#{id}"
    File.exist?(file) ? JSON.parse(File.read(file)) : nil
  end

  def container!(word) = container(Store.name_in_pool(word)) || raise(CommandFailed, 'container not found')

  # @return [Boolean] false: somebody else was faster
  def register(container)
    File.open("#{@dir}/run/ct/#{container.fetch('id')}", File::WRONLY | File::CREAT | File::EXCL) do |file|
      file.write(JSON.generate(container))
    end
    true
  rescue Errno::EEXIST
    false
  end

  def remember(container)
    file = "#{@dir}/run/ct/#{container.fetch('id')}"
    File.write("#{file}~", JSON.generate(container))
    File.rename("#{file}~", file)
  end

  def forget(id) = FileUtils.rm_f("#{@dir}/run/ct/#{id}")

  def config_file(id) = "#{@dir}/#{POOL}/conf/ct/#{id}.yml"

  # Makes a container survive a restart.
  def save_config(container)
    remember(container)
    keys = %w[user group dataset]
    File.write(config_file(container.fetch('id')), JSON.generate(container.slice(*keys).merge(container.fetch('config'))))
  end

  # Commands on one container exclude one another.
  def lock(id, command)
    File.open("#{@dir}/run/locks/#{id}", File::RDWR | File::CREAT) do |file|
      raise CommandFailed, "container #{POOL}:#{id} is held by #{file.read}" unless file.flock(File::LOCK_EX | File::LOCK_NB)

      file.truncate(0)
      file.write(command)
      file.flush
      yield
    end
  end

  # --- users and groups

  def users = Dir.children("#{@dir}/#{POOL}/conf/user").map { |file| file.delete_suffix('.yml') }.sort

  def user(name)
    file = user_file(name)
    File.exist?(file) ? YAML.safe_load(File.read(file)) : nil
  end

  def user_file(name) = "#{@dir}/#{POOL}/conf/user/#{name}.yml"

  def save_user(name, config) = File.write(user_file(name), JSON.generate(config))

  # Each user gets a block of 65536 ids of the pool's default range.
  def free_map
    first = users.map { |name| Integer(user(name)['uid_map'].first.split(':')[1]) }.max || 934_464
    ["0:#{[first, 934_464].max + 65_536}:65536"]
  end

  def groups = Dir.children("#{@dir}/#{POOL}/conf/group").map { |file| file.delete_suffix('.yml').tr('%', '/') }.sort

  def group(name)
    file = group_file(name)
    File.exist?(file) ? YAML.safe_load(File.read(file)) : nil
  end

  def group_file(name) = "#{@dir}/#{POOL}/conf/group/#{name.tr('/', '%')}.yml"

  def save_group(name, config) = File.write(group_file(name), JSON.generate(config))

  def members(key, name) = registered.map { |id| container(id) }.select { |container| container[key] == name }

  private

  def reload(id)
    state = container(id)&.fetch('state') == 'running' ? 'running' : 'stopped'
    config = YAML.safe_load(File.read(config_file(id)))
    keys = %w[user group dataset]
    remember({ 'id' => id, 'state' => state, 'config' => config.except(*keys) }.merge(config.slice(*keys)))
  end
end
