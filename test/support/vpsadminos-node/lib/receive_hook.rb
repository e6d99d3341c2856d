# frozen_string_literal: true

require_relative 'daemon_process'
require_relative 'store'

# What sshd runs for a key of the chain. The command of the client is split on white space, nothing is quoted.
class ReceiveHook
  # How many arguments there are. Further ones are ignored.
  VERBS = { 'skel' => 0..2, 'base' => 2..3, 'incremental' => 2..3, 'transfer' => 1..2, 'cancel' => 1..1 }.freeze
  NEWER_VERBS = VERBS.merge('cleanup' => 1..1).freeze

  STREAMS = %w[skel base incremental].freeze

  def initialize(argv)
    @store = Store.new
    @pool, @key, @digest = argv
    @words = ENV.fetch('SSH_ORIGINAL_COMMAND', '').split
  end

  def run
    return usage unless @words.shift == 'receive'

    version = @store.protocol_version
    given = @words.shift if version
    return fail_with("unsupported send/receive protocol version #{given}, expected #{version}") unless given == version&.to_s

    @verb, *arguments = @words
    counts = (version ? NEWER_VERBS : VERBS)[@verb]
    return usage if counts.nil? || arguments.length < counts.min

    return trace('No such file or directory - connect(2) for control.sock (Errno::ENOENT)') if @store.switch('osctld-down')

    drop_connection if lose?('before')
    ask({ 'command' => "receive #{@verb}", 'arguments' => arguments.first(counts.max),
          'options' => { 'pool' => @pool, 'key' => @key, 'digest' => @digest, 'version' => version,
                         'address' => ENV.fetch('SSH_CLIENT', '127.0.0.1').split.first } })
  end

  private

  # The older hook takes the first line of an answer for the whole.
  def ask(request)
    trusting = !@store.newer? && !lose?('after') && !lose?('eof')
    last = nil
    DaemonProcess.ask(request, stdin: STREAMS.include?(@verb) ? $stdin : File::NULL) do |message|
      return status_of(message) if trusting

      last = message unless message.key?('progress')
    end
    drop_connection if lose?('after')
    last && !(lose?('eof') && forget_loss) ? status_of(last) : trace('end of file reached (EOFError)')
  end

  def status_of(message)
    return fail_with(message['error']) if message.key?('error')

    puts message['response'] if message['response']
    0
  end

  def fail_with(text)
    warn "Error: #{text}"
    1
  end

  def trace(text)
    warn "receive-hook:1:in `<main>': #{text}"
    1
  end

  def usage
    word = @store.newer? ? 'receive <version>' : 'receive'
    lines = ['skel [pool|- [passphrase]]', 'base <token> <dataset> [snapshot]', 'incremental <token> <dataset> [snapshot]',
             'transfer <token> [start]', 'cancel <token>']
    lines << 'cleanup <token>' if @store.newer?
    warn 'Usage:', *lines.map { |line| "  #{word} #{line}" }
    1
  end

  # The switch `lose`, `WHEN VERB`, counts once.
  def lose?(moment) = @store.switch('lose') == "#{moment} #{@verb}"

  def forget_loss = File.unlink("#{@store.dir}/lose")

  # Kills the sshd of this session: its client sees no status.
  def drop_connection
    forget_loss
    pid = Process.ppid
    pid = Integer(File.read("/proc/#{pid}/stat")[/\) \S (\d+)/, 1]) until File.read("/proc/#{pid}/comm").start_with?('sshd')
    Process.kill('KILL', pid)
    exit 1
  end
end
