# frozen_string_literal: true

require 'json'
require_relative 'datasets'

# Loaded where they are used, since most commands do without.
autoload :FileUtils, 'fileutils'
autoload :YAML, 'yaml'

# A message that reaches the client. Every other exception is an "internal error" to it.
class CommandFailed < StandardError; end

# The state of the node. On disk as osctld has it: DIR/tank/conf/{ct,user,group}. What osctld holds only in memory (and
# forgets when it restarts) is in DIR/run/ct, one file for each registered container.
class Store
  POOL = 'tank'
  CONTAINER_ID = /^[a-z0-9_-]{1,100}$/i

  attr_reader :dir, :datasets

  # What is written here is YAML that is JSON as well, which takes no time to load.
  def self.load(file)
    text = File.read(file)
    text.start_with?('{', '[') ? JSON.parse(text) : YAML.safe_load(text)
  end

  def self.name_in_pool(word) = word.delete_prefix("#{POOL}:")

  def initialize(dir = ENV.fetch('VPSADMINOS_STANDIN'))
    @dir = dir
    @datasets = Datasets.of(dir)
    @held = []
  end

  # Forgets what has no config file, and reads the files of all others anew; a running container survives.
  def restart
    @datasets.create("#{POOL}/ct", parents: true) unless @datasets.exist?("#{POOL}/ct")
    %w[ct user group send-receive].each { |kind| FileUtils.mkdir_p("#{@dir}/#{POOL}/conf/#{kind}") }
    %W[run/ct run/locks run/lxc #{POOL}/log/ct #{POOL}/hook/ct].each { |path| FileUtils.mkdir_p("#{@dir}/#{path}") }
    save_group('/default', {}) unless group('/default')
    registered.each { |id| forget(id) unless File.exist?(config_file(id)) }
    Dir.children("#{@dir}/#{POOL}/conf/ct").each { |file| reload(file.delete_suffix('.yml')) }
  end

  def active? = !File.exist?("#{@dir}/pool-disabled")

  # The dialect that cleans up after a failed import.
  def newer? = File.exist?("#{@dir}/newer")

  # Of `receive`. The older dialect has none.
  def protocol_version = newer? ? Integer(switch('newer').then { |text| text.empty? ? '2' : text }) : nil

  def cgroup_version = Integer(switch('cgroup.version', '1'))

  # The content of a switch file.
  def switch(name, default = nil)
    File.exist?("#{@dir}/#{name}") ? File.read("#{@dir}/#{name}").strip : default
  end

  # The real reason behind an error.
  def note(message) = File.write("#{@dir}/osctld.log", "#{Time.now} #{message}\n", mode: 'a')

  # Whether one is left of those that a switch file counts; then it is one less.
  def take_one(name)
    left = Integer(switch(name, '0'))
    File.write("#{@dir}/#{name}", left - 1) if left.positive?
    left.positive?
  end

  def fail_at(step)
    raise "switched to fail at #{step}" if switch('fail-at') == step
  end

  # --- containers

  def registered = Dir.children("#{@dir}/run/ct").reject { |name| name.end_with?('~') }.sort

  def container(id)
    file = "#{@dir}/run/ct/#{id}"
    File.exist?(file) ? JSON.parse(File.read(file)) : nil
  end

  def container!(word) = container(Store.name_in_pool(word)) || raise(CommandFailed, 'container not found')

  # @return [Boolean] false: somebody else was faster
  def register(container)
    file = "#{@dir}/run/ct/#{container.fetch('id')}"
    File.write("#{file}.#{Process.pid}~", JSON.generate(container))
    File.link("#{file}.#{Process.pid}~", file)
    true
  rescue Errno::EEXIST
    false
  ensure
    FileUtils.rm_f("#{file}.#{Process.pid}~")
  end

  def remember(container)
    file = "#{@dir}/run/ct/#{container.fetch('id')}"
    File.write("#{file}~", JSON.generate(container))
    File.rename("#{file}~", file)
  end

  def forget(id) = FileUtils.rm_f("#{@dir}/run/ct/#{id}")

  def config_file(id) = "#{@dir}/#{POOL}/conf/ct/#{id}.yml"

  # Makes a container survive a restart. One that is being received is staged, and has the log of that.
  def save_config(container)
    remember(container)
    kept = container.slice(*OWN_KEYS)
    kept['state'] = 'staged' if container['log'] && container['state'] == 'staged'
    File.write(config_file(container.fetch('id')), JSON.generate(kept.merge(container.fetch('config'))))
  end

  # Commands on one container exclude one another. One that has it may take it again.
  # @param wait [Boolean] whether to queue up
  def lock(id, command, wait: false)
    return yield if @held.include?(id)

    File.open("#{@dir}/run/locks/#{id}", File::RDWR | File::CREAT) do |file|
      unless file.flock(wait ? File::LOCK_EX : File::LOCK_EX | File::LOCK_NB)
        raise CommandFailed, "container #{POOL}:#{id} is held by #{file.read}"
      end

      file.truncate(0)
      file.write(command)
      file.flush
      @held << id
      yield
    ensure
      @held.delete(id)
    end
  end

  # --- users and groups

  def users = Dir.children("#{@dir}/#{POOL}/conf/user").map { |file| file.delete_suffix('.yml') }.sort

  def user(name)
    file = user_file(name)
    File.exist?(file) ? Store.load(file) : nil
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
    File.exist?(file) ? Store.load(file) : nil
  end

  def group_file(name) = "#{@dir}/#{POOL}/conf/group/#{name.tr('/', '%')}.yml"

  def save_group(name, config) = File.write(group_file(name), JSON.generate(config))

  def members(key, name) = registered.map { |id| container(id) }.select { |container| container[key] == name }

  private

  def reload(id)
    config = Store.load(config_file(id))
    kept = container(id)&.fetch('state') == 'running' ? 'running' : 'stopped'
    state = config['log'] ? config.delete('state') || kept : kept
    remember({ 'id' => id, 'state' => state, 'config' => config.except(*OWN_KEYS) }.merge(config.slice(*OWN_KEYS)))
  end

  # Of a container's file, what is not its configuration.
  OWN_KEYS = %w[user group dataset log].freeze
  private_constant :OWN_KEYS
end
