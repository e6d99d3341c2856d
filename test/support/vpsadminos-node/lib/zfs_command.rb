# frozen_string_literal: true

require_relative 'datasets'
require_relative 'options'

# zfs get, list, create, set, mount, umount, destroy, rename, recv; on a real pool also what is handed on to the machine's zfs.
# Everything else is refused, loudly.
class ZfsCommand
  USAGE = 'usage: zfs get|list|create|set|mount|umount|destroy|rename|recv … (the stand-in knows no more)'

  COMMANDS = %w[get list create set mount umount destroy rename recv].freeze
  HANDED_ON = %w[snapshot hold release holds rollback inherit diff send].freeze

  def initialize(argv)
    @argv = argv.dup
    @datasets = Datasets.of(ENV.fetch('VPSADMINOS_STANDIN'))
  end

  def run
    name = @argv.shift.to_s
    name = 'umount' if name == 'unmount'
    name = 'recv' if name == 'receive'
    name = 'snapshot' if name == 'snap'
    return @datasets.hand_on(name, @argv) if HANDED_ON.include?(name) && @datasets.real?
    return refuse("unrecognized command '#{name}'") unless COMMANDS.include?(name)

    send("run_#{name}")
    0
  rescue Datasets::Error => e
    warn e.message
    1
  rescue Options::Error, ArgumentError => e
    refuse(e.message)
  end

  private

  def refuse(message)
    warn message, USAGE
    2
  end

  # options 'Ho:' takes -H as a switch and -o with values.
  def options(letters)
    table = letters.scan(/(\w)(:?)/).to_h { |letter, valued| [letter, "-#{letter}#{'=*' unless valued.empty?}"] }
    Options.take(@argv, table)
  end

  def run_get
    flags = options('Hprs:o:t:')
    properties = @argv.shift.to_s.split(',')
    columns = flags['o']&.join(',')&.split(',') || %w[name property value source]
    puts columns.map(&:upcase).join("\t") unless flags.key?('H')
    (flags['t']&.include?('snapshot') ? snapshots(flags) : targets(@argv, flags)).each do |dataset|
      properties.each do |property|
        value = value_of(dataset, property, exact: flags.key?('p'))
        row = { 'name' => dataset, 'property' => property, 'value' => value, 'source' => '-' }
        puts columns.map { |column| row.fetch(column) { raise ArgumentError, "invalid column name '#{column}'" } }.join("\t")
      end
    end
  end

  def run_list
    flags = options('Hpro:t:d:s:')
    list_snapshots = flags['t']&.include?('snapshot')
    columns = flags['o']&.join(',')&.split(',') || %w[name used available mountpoint]
    puts columns.map(&:upcase).join("\t") unless flags.key?('H')
    names = if list_snapshots then snapshots(flags)
            else @argv.empty? ? @datasets.names : targets(@argv, flags)
            end
    names.each { |name| puts columns.map { |column| value_of(name, column, exact: flags.key?('p')) }.join("\t") }
  end

  # Of a dataset its own ones, with -r those below it too.
  def snapshots(flags)
    return @datasets.snapshots if @argv.empty?

    owners = targets(@argv, flags)
    @datasets.snapshots.select { |name| owners.include?(name) || owners.include?(name[/[^@]*/]) }
  end

  def run_create
    flags = options('po:')
    @datasets.create(@argv.fetch(0) { raise ArgumentError, 'missing filesystem argument' },
                     properties: pairs(flags.fetch('o', [])), parents: flags.key?('p'))
  end

  def run_set
    dataset = @argv.pop || raise(ArgumentError, 'missing dataset')
    @datasets.set(dataset, pairs(@argv))
  end

  def run_mount
    if @argv.empty?
      @datasets.names.each { |name| puts "#{name}\t#{@datasets.mountpoint(name)}" if @datasets.mounted?(name) }
    else
      @datasets.mount(@argv.fetch(0))
    end
  end

  def run_umount
    options('f')
    @datasets.unmount(@argv.fetch(0) { raise ArgumentError, 'missing filesystem argument' })
  end

  def run_destroy
    flags = options('rfR')
    name = @argv.fetch(0) { raise ArgumentError, 'missing dataset argument' }
    if name.include?('@') && !@datasets.snapshots.include?(name)
      raise Datasets::Error, 'could not find any snapshots to destroy; check snapshot names.'
    end

    @datasets.destroy(name, recursive: flags.key?('r') || flags.key?('R'))
  end

  def run_recv
    flags, names = @argv.partition { |word| word.start_with?('-') }
    @datasets.receive(flags, names.fetch(0) { raise ArgumentError, 'missing snapshot argument' })
  end

  def run_rename = @datasets.rename(@argv.fetch(0), @argv.fetch(1))

  def pairs(words)
    words.to_h do |word|
      key, value = word.split('=', 2)
      raise ArgumentError, "missing '=' for property=value argument" if value.nil?

      [key, value]
    end
  end

  def targets(names, flags)
    found = flags.key?('r') ? names.flat_map { |name| @datasets.below(name).then { |all| all.empty? ? [name] : all } } : names
    found.each { |name| raise Datasets::Error, "cannot open '#{name}': dataset does not exist" unless @datasets.exist?(name) }
  end

  def value_of(dataset, property, exact:)
    return '-' if dataset.include?('@') && %w[available avail mountpoint].include?(property)

    case property
    when 'name' then dataset
    when 'type' then dataset.include?('@') ? 'snapshot' : 'filesystem'
    when 'mountpoint' then @datasets.mountpoint(dataset)
    when 'available', 'avail' then size(@datasets.available_bytes(dataset), exact)
    when 'used', 'referenced', 'refer' then size(@datasets.used_bytes(dataset), exact)
    when 'refquota', 'quota' then quota(@datasets.properties(dataset).fetch(property, '0'), exact)
    when 'uidmap', 'gidmap' then @datasets.properties(dataset).fetch(property, 'none')
    else @datasets.property(dataset, property)
    end
  end

  def quota(bytes, exact) = bytes == '0' && !exact ? 'none' : size(Integer(bytes), exact)

  def size(bytes, exact)
    return bytes.to_s if exact

    unit = ['', 'K', 'M', 'G', 'T'].each_with_index.map { |letter, power| [letter, 1024**power] }
                                   .reverse.find { |_, factor| bytes >= factor } || ['', 1]
    format('%<number>.3g%<letter>s', number: bytes.fdiv(unit[1]), letter: unit[0])
  end
end
