# frozen_string_literal: true

require 'yaml'
require_relative 'cgparams'
require_relative 'interfaces'

# Reads texts of config/container.yml from stdin, each ended by a NUL, and says of each what osctld's loader
# (Container#load_config_hash), the first start after it, or a later reader would stumble over, or silently read as
# something else. The rules are written down anew here, in Ruby and from osctld's own loader, so that a slip in the
# project's schema is not repeated by its test. One line a violation, `N: place: what`, and exit 1; N counts from 0.

# What is wrong with one text.
class Checker
  include Cgparams
  include Interfaces

  def initialize
    @violations = []
  end

  def check(text)
    config = load(text)
    check_config(config) unless config.nil?
    @violations
  rescue TypeError, NoMethodError, KeyError, ArgumentError => e
    # What a rule below did not expect, osctld would not either.
    wrong('?', "#{e.class}: #{e.message}")
  end

  private

  def wrong(place, what)
    @violations << "#{place}: #{what}"
  end

  def expect(place, fits, what)
    wrong(place, what) unless fits
    fits
  end

  # As libosctl's config_file.rb: no classes, no aliases, no symbols. It sees the first document only, and of a key
  # given twice the last.
  def load(text)
    documents = YAML.parse_stream(text).children
    expect('text', documents.length == 1, "#{documents.length} documents")
    documents.each { |document| check_keys_once(document) }
    config = YAML.safe_load(text)
    expect('text', config.is_a?(Hash), "expected a map, got #{config.class}") ? config : nil
  rescue Psych::Exception => e
    wrong('text', "#{e.class}: #{e.message}")
    nil
  end

  def check_keys_once(node)
    if node.mapping?
      keys = node.children.each_slice(2).map { |key, _| key.value }
      keys.tally.each { |key, count| wrong(key, 'given twice') if count > 1 }
    end
    (node.children || []).each { |child| check_keys_once(child) }
  end

  def check_config(config)
    (config.keys - RULES.keys).each do |key|
      wrong(key, FORBIDDEN.include?(key) ? 'must not be in an archive' : 'unknown key')
    end
    (REQUIRED - config.keys).each { |key| wrong(key, 'absent') }
    RULES.each { |key, rule| send(rule, key, config[key]) if config.key?(key) }
  end

  # Quoted, or Psych makes something else of 7.10, 1e3, no and 2016-01-01.
  def check_word(place, value)
    return unless expect(place, value.is_a?(String), "expected a string, got #{value.inspect}")

    expect(place, value.match?(/\A[[:graph:]]+\z/), "expected a word, got #{value.inspect}")
  end

  # They are joined by spaces.
  def check_words(place, value)
    expect(place, value.is_a?(Array) && value.all?(String), "expected a list of strings, got #{value.inspect}")
  end

  def check_arch(place, value)
    expect(place, %w[x86_64 x86].include?(value), "expected x86_64 or x86, got #{value.inspect}")
  end

  # The first label becomes a name, so there must be one; and it is written into files of the guest as it is.
  def check_hostname(place, value)
    return if value.nil?
    return unless expect(place, value.is_a?(String), "expected a string, got #{value.inspect}")

    expect(place, !value.split('.').first.to_s.empty?, "no first label in #{value.inspect}")
    expect(place, value.match?(/\A[[:graph:]]*\z/), "expected one word, got #{value.inspect}")
  end

  # An empty list empties the guest's resolv.conf.
  def check_resolvers(place, value)
    return if value.nil?
    fits = value.is_a?(Array) && !value.empty?
    return unless expect(place, fits, "expected a list that is not empty, got #{value.inspect}")

    value.each { |address| check_address(place, address) }
  end

  def check_flag(place, value)
    expect(place, [true, false].include?(value), "expected true or false, got #{value.inspect}")
  end

  # Standard devices come from the group, others are added after the import; what is listed here must be there on any
  # node, or the import fails.
  def check_empty(place, value)
    expect(place, value == [], "expected an empty list, got #{value.inspect}")
  end

  def check_prlimits(place, value)
    return unless expect(place, value.is_a?(Hash), "expected a map, got #{value.class}")

    expect("#{place}.nofile", value.key?('nofile'), "absent: the guest would have osctld's own")
    value.each { |name, limit| check_prlimit("#{place}.#{name}", name, limit) }
  end

  def check_prlimit(place, name, limit)
    expect(place, PRLIMITS.include?(name), 'no such limit')
    return unless expect(place, limit.is_a?(Hash) && limit.keys.sort == %w[hard soft], 'expected soft and hard')

    sides = limit.values_at('soft', 'hard')
    fit = sides.all? { |side| side == 'unlimited' || (side.is_a?(Integer) && side.positive?) }
    return unless expect(place, fit, "expected numbers above 0 or unlimited, got #{sides.inspect}")

    soft, hard = sides.map { |side| side == 'unlimited' ? Float::INFINITY : side }
    expect(place, soft <= hard, 'setrlimit(2) refuses a soft limit above the hard one')
  end

  # Containers are sorted by priority, so a missing one breaks the start of the whole pool.
  def check_autostart(place, value)
    return if value.nil?
    return unless expect(place, value.is_a?(Hash) && value.keys.sort == %w[delay priority], 'expected priority and delay')

    value.each do |key, number|
      fits = number.is_a?(Integer) && !number.negative?
      expect("#{place}.#{key}", fits, "expected a number, got #{number.inspect}")
    end
  end

  def check_attributes(place, value)
    return unless expect(place, value.is_a?(Hash), "expected a map, got #{value.class}")

    value.each do |key, text|
      expect("#{place}.#{key}", key.is_a?(String) && key.match?(/\A[^:]+:.+\z/), 'expected vendor:name')
      expect("#{place}.#{key}", text.is_a?(String), "expected a string, got #{text.inspect}")
    end
  end

  def check_list(place, value)
    return false unless expect(place, value.is_a?(Array) && value.all?(Hash), 'expected a list of maps')

    value.each_with_index { |item, index| yield "#{place}[#{index}]", item }
    true
  end

  PRLIMITS = %w[as core cpu data fsize memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack].freeze

  RULES = {
    'distribution' => :check_word, 'version' => :check_word, 'arch' => :check_arch, 'hostname' => :check_hostname,
    'dns_resolvers' => :check_resolvers, 'net_interfaces' => :check_interfaces, 'cgparams' => :check_cgparams,
    'devices' => :check_empty, 'mounts' => :check_empty, 'prlimits' => :check_prlimits,
    'autostart' => :check_autostart, 'nesting' => :check_flag, 'attrs' => :check_attributes,
    'init_cmd' => :check_words
  }.freeze
  REQUIRED = RULES.keys - ['init_cmd']
  # Ignored, better left to the node, or kept by osctld while it runs.
  FORBIDDEN = %w[seccomp_profile cpu_package start_menu ephemeral impermanence raw hints user group dataset
                 state send_log map_mode].freeze
end

if $PROGRAM_NAME == __FILE__
  texts = $stdin.binmode.read.force_encoding(Encoding::UTF_8).split("\0")
  lines = texts.flat_map.with_index do |text, index|
    Checker.new.check(text).map { |line| "#{index}: #{line.gsub(/\s+/, ' ')}" }
  end
  puts lines
  exit(lines.empty? ? 0 : 1)
end
