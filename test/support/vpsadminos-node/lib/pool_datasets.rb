# frozen_string_literal: true

require_relative 'datasets'

autoload :Open3, 'open3'

# The pool on real ZFS: `tank` stands for the dataset that DIR/zfs-pool names, mounted at DIR/tank. For tools without
# vpsAdminOS' patches, uidmap and gidmap are kept as user properties.
class PoolDatasets < Datasets
  def initialize(dir)
    super
    @prefix = File.read("#{dir}/zfs-pool").strip
  end

  def exist?(name) = system(*zfs('list', '-H', real(name)), out: File::NULL, err: File::NULL)

  def names = run('list', '-H', '-o', 'name', '-t', 'filesystem', '-r', @prefix).lines(chomp: true).map { |name| ours(name) }.sort

  def properties(name)
    run('get', '-Hp', '-o', 'property,value', 'all', real(name)).lines(chomp: true)
                                                                  .to_h { |line| line.split("\t", 2) }
                                                                  .transform_keys { |key| key.delete_prefix(OWN) }
  end

  # `get all` leaves out some, as guid and createtxg.
  def property(name, property) = run('get', '-Hp', '-o', 'value', property, real(name)).strip

  def create(name, properties: {}, parents: false)
    raise Error, "cannot create '#{name}': dataset already exists" if exist?(name) && !parents
    return if exist?(name)

    pairs = properties.flat_map { |key, value| ['-o', "#{key_of(key)}=#{value}"] }
    run('create', *('-p' if parents), *pairs, real(name))
  end

  def set(name, properties)
    refuse_maps(name, properties)
    properties.each { |key, value| run('set', "#{key_of(key)}=#{value}", real(name)) }
  end

  def mount(name) = run('mount', real(name))

  def unmount(name) = run('umount', real(name))

  # @param name [String] of a dataset or of a snapshot
  def destroy(name, recursive: false)
    raise Error, "cannot destroy '#{name}': filesystem has children" if below(name).length > 1 && !recursive

    unmount_below(name)
    patiently { run('destroy', *('-r' if recursive), real(name)) }
  end

  def rename(name, target)
    remount = unmount_below(name)
    patiently { run('rename', real(name), real(target)) }
    remount.each { |dataset| mount(dataset.sub(name, target)) }
  end

  def snapshots = run('list', '-H', '-o', 'name', '-t', 'snapshot', '-r', @prefix).lines(chomp: true).map { |name| ours(name) }

  def real? = true

  # Has the machine's zfs do it, in the names of the pool. What it writes goes by us, save a stream.
  # @return [Integer] its exit code
  def hand_on(command, words)
    own = words.map { |word| word.match?(/\Atank(?=[\/@]|\z)/) ? real(word) : word }
    exec(*zfs(command, *own)) if command == 'send'

    output, errors, status = Open3.capture3(*zfs(command, *own))
    $stdout.write(output.gsub(@prefix, 'tank'))
    $stderr.write(errors.gsub(@prefix, 'tank'))
    status.exitstatus
  end

  # Takes a send stream from stdin. Does not come back: its exit code is zfs's.
  def receive(flags, name) = exec(*zfs('recv', *flags, real(name)))

  def available_bytes(name)
    override = "#{@dir}/#{name.split('/').first}.available"
    File.exist?(override) ? super : Integer(properties(name)['available'])
  end

  def used_bytes(name) = Integer(properties(name)['used'])

  private

  OWN = 'vz2osctl.standin:'
  private_constant :OWN

  def unmount_below(name)
    below(name).select { |dataset| mounted?(dataset) }.tap { |all| all.reverse_each { |dataset| unmount(dataset) } }
  end

  # zfs-fuse lets go of what was unmounted a moment later.
  def patiently
    tries ||= 0
    yield
  rescue Error => e
    raise unless e.message.include?('busy') && (tries += 1) < 50

    sleep(0.1)
    retry
  end

  def real(name) = name.sub(/\A[^\/@]+/, @prefix)

  def ours(name) = name.sub(@prefix, 'tank')

  def key_of(key) = %w[uidmap gidmap].include?(key) ? "#{OWN}#{key}" : key

  def run(*words)
    output, errors, status = Open3.capture3(*zfs(*words))
    raise Error, errors.gsub(@prefix, 'tank').strip unless status.success?

    output
  end

  # The machine's own, and not the one of the stand-in that is first on PATH.
  def zfs(*words)
    ours = File.realpath("#{__dir__}/../bin")
    directory = ENV.fetch('PATH').split(':').find { |path| File.executable?("#{path}/zfs") && File.realpath(path) != ours }
    ["#{directory || raise(Error, 'no zfs on this machine')}/zfs", *words]
  end
end
