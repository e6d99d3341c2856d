# frozen_string_literal: true

# cgparams, as osctl's own commands write them (osctl/lib/osctl/cli/cgroup_params.rb).
module Cgparams
  private

  def check_cgparams(place, value)
    return unless check_list(place, value) { |where, parameter| check_cgparam(where, parameter) }

    names = value.map { |parameter| parameter.values_at('version', 'name') }
    expect(place, names.uniq.length == names.length, 'a parameter given twice')
    check_order(place, names)
    check_versions(place, value)
    check_swap(place, value)
  end

  # An entry without a version counts for version 1 only; the elements of `value` are written in turn.
  def check_cgparam(place, parameter)
    expect(place, parameter.keys.sort == %w[name subsystem value version], 'expected version, subsystem, name and value')
    version, subsystem, name, value = parameter.values_at('version', 'subsystem', 'name', 'value')
    where = "#{place} #{name}"
    rule = PARAMETERS[[version, subsystem, name]]
    return unless expect(where, rule, "no such parameter of #{subsystem.inspect} in version #{version.inspect}")
    return unless expect(where, value.is_a?(Array) && value.length == 1, "expected a list of one, got #{value.inspect}")

    expect(where, rule === value.first, "#{value.first.inspect} is not what the kernel takes for a limit")
  end

  # The kernel refuses a total of memory and swap below the memory, and a quota is of the period that stands.
  def check_order(place, names)
    IN_THIS_ORDER.each do |first, second|
      at = [first, second].map { |name| names.index([1, name]) }
      next if at == [nil, nil]

      expect(place, at.none?(&:nil?) ? at[0] < at[1] : at[1].nil?, "#{second} needs #{first} before it")
    end
  end

  # A node applies the entries of its own version only.
  def check_versions(place, value)
    SAME_LIMIT.each do |one, two|
      names = value.map { |parameter| parameter.values_at('version', 'name') }
      sides = [[1, one], [2, two]].map { |side| names.include?(side) }
      expect(place, sides.uniq.length == 1, "#{one} and #{two} belong together")
    end
  end

  def check_swap(place, value)
    numbers = value.to_h { |parameter| [parameter['name'], Array(parameter['value']).first] }
    memory, total, swap = numbers.values_at('memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', 'memory.swap.max')
    expect(place, memory == numbers['memory.max'], 'memory differs between the versions')
    return if total.nil? || memory.nil?

    expect(place, total == memory + swap.to_i, 'memory and swap differ between the versions')
  end

  IN_THIS_ORDER = [
    %w[memory.limit_in_bytes memory.memsw.limit_in_bytes], %w[cpu.cfs_period_us cpu.cfs_quota_us]
  ].freeze

  # 0 is a limit of zero; none is said by leaving the entry out.
  BYTES = 1..(2**63 - 1)
  # sched/core.c: a quota of 1 ms at the least; cgroup/pids.c: PID_MAX_LIMIT.
  QUOTA_US = 1000..(2**53)
  PARAMETERS = {
    [2, 'memory', 'memory.max'] => BYTES,
    [2, 'memory', 'memory.swap.max'] => 0..(2**63 - 1),
    [1, 'memory', 'memory.limit_in_bytes'] => BYTES,
    [1, 'memory', 'memory.memsw.limit_in_bytes'] => BYTES,
    [2, 'cpu', 'cpu.max'] => ->(text) { text.is_a?(String) && QUOTA_US.cover?(text[/\A(\d+) 100000\z/, 1].to_i) },
    [1, 'cpu', 'cpu.cfs_period_us'] => 100_000..100_000,
    [1, 'cpu', 'cpu.cfs_quota_us'] => QUOTA_US,
    [2, 'cpu', 'cpu.weight'] => 1..10_000,
    [1, 'cpu', 'cpu.shares'] => 2..262_144,
    [2, 'pids', 'pids.max'] => 1..4_194_304,
    [1, 'pids', 'pids.max'] => 1..4_194_304
  }.freeze
  SAME_LIMIT = [
    %w[memory.limit_in_bytes memory.max], %w[memory.memsw.limit_in_bytes memory.swap.max],
    %w[cpu.cfs_quota_us cpu.max], %w[cpu.shares cpu.weight], %w[pids.max pids.max]
  ].freeze
end
