# frozen_string_literal: true

require 'json'

autoload :FileUtils, 'fileutils'

# Datasets of the pool as directories. A dataset's properties are in DIR/zfs/NAME/.properties. Mounting and unmounting
# really changes what is seen at the mountpoint: an unmounted dataset's files wait in DIR/zfs/NAME/.data, and what somebody
# wrote to the empty mountpoint meanwhile is hidden while it is mounted, as `overlay=on` has it.
class Datasets
  class Error < StandardError; end

  # On real ZFS where DIR/zfs-pool names a dataset.
  # @return [Datasets]
  def self.of(dir)
    return new(dir) unless File.exist?("#{dir}/zfs-pool")

    require_relative 'pool_datasets'
    PoolDatasets.new(dir)
  end

  def initialize(dir)
    @dir = dir
  end

  def exist?(name) = File.exist?(properties_file(name))

  def names
    Dir.glob("#{@dir}/zfs/**/.properties", File::FNM_DOTMATCH)
       .map { |file| File.dirname(file).delete_prefix("#{@dir}/zfs/") }.sort
  end

  def below(name) = names.select { |other| other == name || other.start_with?("#{name}/") }

  def mountpoint(name) = File.join(@dir, name)

  def mounted?(name) = properties(name)['mounted'] == 'yes'

  def properties(name)
    raise Error, "cannot open '#{name}': dataset does not exist" unless exist?(name)

    JSON.parse(File.read(properties_file(name)))
  end

  def property(name, property) = properties(name).fetch(property, '-')

  def create(name, properties: {}, parents: false)
    if exist?(name)
      raise Error, "cannot create '#{name}': dataset already exists" unless parents

      return
    end
    parent = File.dirname(name)
    unless parent == '.' || exist?(parent)
      raise Error, "cannot create '#{name}': parent does not exist" unless parents

      create(parent, parents: true)
    end
    FileUtils.mkdir_p("#{@dir}/zfs/#{name}/.data")
    write(name, { 'mounted' => 'no', 'canmount' => 'on' }.merge(properties))
    mount(name) if properties(name)['canmount'] == 'on'
  end

  def set(name, properties)
    refuse_maps(name, properties)
    exact = properties.to_h { |key, value| [key, %w[refquota quota].include?(key) ? quota(name, value) : value] }
    unmount(name) if exact['canmount'] == 'off' && mounted?(name)
    write(name, properties(name).merge(exact))
  end

  # Whether there is a ZFS pool, which can do all that a `zfs` of the machine can.
  def real? = false

  def snapshots = []

  def receive(_flags, name) = raise(Error, "cannot receive: the stand-in has no ZFS pool for #{name}")

  def mount(name)
    raise Error, "cannot mount '#{name}': filesystem already mounted" if mounted?(name)
    raise Error, "cannot mount '#{name}': 'canmount' property is set to 'off'" if properties(name)['canmount'] == 'off'

    place = mountpoint(name)
    File.rename(place, "#{@dir}/zfs/#{name}/.hidden") if File.exist?(place)
    FileUtils.mkdir_p(File.dirname(place))
    File.rename("#{@dir}/zfs/#{name}/.data", place)
    write(name, properties(name).merge('mounted' => 'yes'))
  end

  def unmount(name)
    raise Error, "cannot unmount '#{name}': not currently mounted" unless mounted?(name)
    if (below(name) - [name]).any? { |child| mounted?(child) }
      raise Error, "cannot unmount '#{mountpoint(name)}': pool or dataset is busy"
    end

    place = mountpoint(name)
    hidden = "#{@dir}/zfs/#{name}/.hidden"
    File.rename(place, "#{@dir}/zfs/#{name}/.data")
    File.exist?(hidden) ? File.rename(hidden, place) : Dir.mkdir(place)
    write(name, properties(name).merge('mounted' => 'no'))
  end

  def destroy(name, recursive: false)
    properties(name)
    if below(name).length > 1 && !recursive
      raise Error, "cannot destroy '#{name}': filesystem has children"
    end

    below(name).reverse_each do |dataset|
      unmount(dataset) if mounted?(dataset)
      FileUtils.rm_rf("#{@dir}/zfs/#{dataset}")
      remove_empty(mountpoint(dataset))
    end
  end

  def rename(name, target)
    raise Error, "cannot rename '#{name}': dataset already exists" if exist?(target)

    remount = below(name).select { |dataset| mounted?(dataset) }
    remount.reverse_each { |dataset| unmount(dataset) }
    FileUtils.mkdir_p(File.dirname("#{@dir}/zfs/#{target}"))
    File.rename("#{@dir}/zfs/#{name}", "#{@dir}/zfs/#{target}")
    remove_empty(mountpoint(name))
    remount.each { |dataset| mount(dataset.sub(name, target)) }
  end

  # What `df` says, or the file DIR/POOL.available.
  def available_bytes(name)
    override = "#{@dir}/#{name.split('/').first}.available"
    return Integer(File.read(override).strip) if File.exist?(override)

    Integer(IO.popen(['df', '-B1', '--output=avail', @dir], &:read).split.last)
  end

  def used_bytes(name)
    place = mounted?(name) ? mountpoint(name) : "#{@dir}/zfs/#{name}/.data"
    Integer(IO.popen(['du', '-sB1', place], &:read).split.first)
  end

  private

  def refuse_maps(name, properties)
    return unless mounted?(name) && (properties.key?('uidmap') || properties.key?('gidmap'))

    raise Error, "cannot set property for '#{name}': the dataset is mounted"
  end

  SUFFIXES = 'BKMGTPE'

  # Bytes as text, as `zfs get -p` says them. Refuses what libzfs and the kernel do, in their words.
  def quota(name, value)
    fail_with = ->(text) { raise Error, "cannot set property for '#{name}': #{text}" }
    return '0' if value == 'none'

    digits, suffix = value.match(/\A(\d*)(.*)\z/m).captures
    fail_with.call("bad numeric value '#{value}'") if digits.empty?
    fail_with.call("invalid numeric suffix '#{suffix}'") unless suffix.match?(/\A[#{SUFFIXES}]?\z/i)
    bytes = Integer(digits, 10) * 1024**(SUFFIXES.index(suffix.upcase) || 0)
    fail_with.call('numeric value is too large') if bytes >= 2**64
    fail_with.call("use 'none' to disable quota/refquota") if bytes.zero?
    fail_with.call('size is less than current used or reserved space') if bytes < used_bytes(name)
    bytes.to_s
  end

  # Files that somebody wrote there while it was not mounted stay.
  def remove_empty(place)
    Dir.rmdir(place)
  rescue Errno::ENOTEMPTY, Errno::ENOENT
    nil
  end

  def properties_file(name) = "#{@dir}/zfs/#{name}/.properties"

  def write(name, properties) = File.write(properties_file(name), JSON.generate(properties))
end
