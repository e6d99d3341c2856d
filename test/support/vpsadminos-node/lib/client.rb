# frozen_string_literal: true

require 'json'
require_relative 'command_table'
require_relative 'daemon_process'
require_relative 'options'

# The command line of osctl: options before arguments, exit 0, 1 (`error: TEXT`) or 64 (usage).
class Client
  class BadCommandLine < StandardError; end

  def initialize(argv)
    @argv = argv.dup
  end

  def run
    return version if @argv == ['--version']

    globals = Options.take(@argv, GLOBAL_OPTIONS)
    command = take_command
    spec = COMMANDS.fetch(command)
    return help(command, spec) if @argv == ['--help']

    options = globals.slice('pool').merge(Options.take(@argv, spec[:options] || {}))
    check_arguments(command, spec[:arguments])
    arguments = prepare(command, options)
    @format = globals.merge(options)
    ask({ 'command' => command, 'options' => options, 'arguments' => arguments })
  rescue BadCommandLine, Options::Error => e
    warn "error: #{e.message}"
    64
  end

  private

  def newer? = File.exist?(File.join(ENV.fetch('VPSADMINOS_STANDIN'), 'newer'))

  def version
    puts "osctl version #{newer? ? '25.11.0' : '24.05.0'}"
    0
  end

  def help(command, spec)
    puts "NAME\n    #{command}\n\nCOMMAND OPTIONS"
    puts((spec[:options] || {}).values.map { |forms| "    #{forms}arg" })
    puts '    --map-mode=arg' if newer? && command == 'ct new'
    0
  end

  def take_command
    words = []
    while (word = @argv.shift)
      words << (ALIASES[word] || word)
      command = words.join(' ')
      return command if COMMANDS.key?(command)
      next if COMMANDS.keys.any? { |name| name.start_with?("#{command} ") }

      raise BadCommandLine, "Unknown command '#{command}' (the stand-in knows: #{COMMANDS.keys.join(', ')})"
    end
    raise BadCommandLine, "Command '#{words.join(' ')}' requires a subcommand"
  end

  def check_arguments(command, names)
    late = @argv.grep(/\A-./)
    raise BadCommandLine, "unknown argument '#{late.first}'; note that options must come before arguments" unless late.empty?

    needed = names.reject { |name| name.start_with?('[') }
    raise BadCommandLine, "missing argument <#{needed[@argv.length]}> of '#{command}'" if @argv.length < needed.length
    return if names.last&.end_with?('...]') || @argv.length <= names.length

    raise BadCommandLine, "unknown argument '#{@argv[names.length]}'"
  end

  # What the client itself does with the local machine.
  def prepare(command, options)
    case command
    when 'ct import'
      file = File.expand_path(@argv.first)
      abort "error: #{file}: not found" unless File.exist?(file)
      [file]
    when 'ct new'
      raise BadCommandLine, 'the stand-in knows only ct new --skip-image' unless options['skip_image']

      @argv
    when 'user new'
      raise BadCommandLine, 'use either --map, or --map-uid and --map-gid' if options['map'] && (options['map_uid'] || options['map_gid'])

      @argv
    when 'ct devices add'
      raise BadCommandLine, 'device type has to be one of: block, char' unless %w[char block].include?(@argv[1])

      @argv
    when 'ct runscript'
      options['text'] = @argv[1] == '-' ? $stdin.binmode.read : File.binread(@argv[1])
      @argv
    when 'ct config replace', 'receive authorized-keys add'
      options['input'] = $stdin.binmode.read.force_encoding('UTF-8')
      @argv
    else @argv
    end
  end

  def ask(request)
    status = nil
    DaemonProcess.ask(request) { |message| status ||= follow(message) }
    return status if status

    warn 'end of file reached (EOFError)'
    1
  end

  # @return [Integer, nil] nil: more is to come
  def follow(message)
    if message.key?('progress')
      puts message['progress'] unless @format['quiet']
      $stdout.flush
      nil
    elsif message.key?('error')
      warn "error: #{message['error']}"
      1
    elsif message.key?('exitstatus')
      $stdout.write(message['stdout'])
      $stderr.write(message['stderr'])
      message['exitstatus']
    else
      print_response(message['response'])
      0
    end
  end

  # As JSON, `show` prints the whole object whatever -o says.
  def print_response(response)
    return if response.nil?
    return puts(JSON.generate(response)) if @format['json']

    columns = @format['output']&.split(',')
    rows = (response.is_a?(Array) ? response : [response]).map { |row| columns ? row.slice(*columns) : row }
    if response.is_a?(Array) || @format['hide']
      puts rows.first.keys.map(&:upcase).join("\t") unless @format['hide'] || rows.empty?
      rows.each { |row| puts row.values.map { |value| value.nil? ? '-' : value }.join("\t") }
    else
      rows.first.each { |key, value| puts format('%<key>20s:  %<value>s', key: key.upcase, value: value.nil? ? '-' : value) }
    end
  end
end
