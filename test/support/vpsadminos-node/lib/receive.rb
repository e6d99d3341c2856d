# frozen_string_literal: true

require_relative 'containers'

# The verbs of `receive` on a container that is there: it is found by its token, and they queue up on it.
class Receive
  # @param options [Hash] `pool`, `key` and `digest` of the hook, `version` of the protocol
  def initialize(store, containers, options)
    @store = store
    @containers = containers
    @options = options
    @keys = KeyChain.new(store)
  end

  def base(token, dataset, snapshot = nil) = take(token, 'base', dataset, snapshot)

  def incremental(token, dataset, snapshot = nil) = take(token, 'incremental', dataset, snapshot)

  # In the newer dialect the log stays open until `cleanup`, and a failed start takes everything back.
  def transfer(token, start = nil)
    find(token, 'transfer') do |container|
      raise CommandFailed, 'the pool is disabled' unless @store.active?

      check(container, BEFORE_TRANSFER)
      finish(container, start == 'start')
    end
  end

  def cancel(token)
    find(token, 'cancel') do |container|
      raise CommandFailed, 'the pool is disabled' unless @store.active?

      check(container, BEFORE_TRANSFER)
      destroy_snapshots(container)
      @keys.release(container['log']['key'])
      @containers.delete('id' => container['id'])
    end
  end

  # Only of the newer dialect. May be repeated.
  def cleanup(token)
    find(token, 'cleanup') do |container|
      raise CommandFailed, 'invalid send sequence' unless %w[transfer cleanup].include?(container['log']['state'])

      check_key(container)
      container['log']['state'] = 'cleanup'
      @store.save_config(container)
      @store.fail_at('cleanup')
      destroy_snapshots(container, tolerant: true)
      close(container)
    end
  end

  private

  BEFORE_TRANSFER = %w[stage base incremental].freeze
  private_constant :BEFORE_TRANSFER

  # It may be gone by the time that it is ours.
  def find(token, verb)
    id = @store.registered.find { |one| token_of(one) == token } || raise(CommandFailed, 'container not found')
    @store.lock(id, "receive_#{verb}", wait: true) do
      raise CommandFailed, 'container not found' unless token_of(id) == token

      container = @store.container(id)
      check_version(container['log']['version'])
      ContainerLog.around(@store, verb, id) { yield container }
    end
  end

  def token_of(id) = @store.container(id)&.dig('log', 'token')

  def check_version(version)
    return if version == @options['version']

    raise CommandFailed, "send/receive protocol version mismatch, request=#{@options['version']} log=#{version}"
  end

  def check(container, states)
    raise CommandFailed, 'this container is not staged' unless container['state'] == 'staged'
    raise CommandFailed, 'invalid send sequence' unless states.include?(container['log']['state'])

    check_key(container)
  end

  # The key of this step must be that of the first one.
  def check_key(container)
    raise CommandFailed, 'key pool not found' unless @options['pool'] == Store::POOL

    key = @keys[@options['key']]
    digest = key && KeyChain.digest(key)
    given = @store.newer? ? @options['digest'] : digest
    return if digest && [digest, given].all?(container['log']['digest'])

    raise CommandFailed, 'authentication key mismatch'
  end

  # The stream is our stdin, of which zfs reads for itself.
  def take(token, verb, name, snapshot)
    find(token, verb) do |container|
      check(container, BEFORE_TRANSFER)
      dataset = name == '/' ? container['dataset'] : File.join(container['dataset'], name)
      raise CommandFailed, 'dataset does not exist' if verb == 'base' && !@store.datasets.exist?(dataset)

      receive_stream(dataset)
      container['log']['state'] = verb
      container['log']['snapshots'] << [dataset, snapshot] if snapshot
      @store.save_config(container)
    end
  end

  def receive_stream(dataset)
    message = IO.popen(%W[zfs recv -F -u #{dataset}], in: $stdin, err: %i[child out], &:read)
    return if $?.success?

    @store.note("zfs recv -F -u #{dataset}: #{message.strip}")
    raise CommandFailed, "unable to receive stream, zfs recv exited with #{$?.exitstatus}"
  end

  def finish(container, start)
    @store.save_config(container.merge('state' => 'stopped'))
    begin
      @containers.start('id' => container['id']) if start
    rescue StandardError
      @store.save_config(container) if @store.newer?
      raise
    end
    container = @store.container(container['id'])
    if @store.newer?
      container['log']['state'] = 'transfer'
      @store.save_config(container)
    else
      destroy_snapshots(container)
      close(container)
    end
  end

  def destroy_snapshots(container, tolerant: false)
    container['log']['snapshots'].each do |dataset, snapshot|
      name = "#{dataset}@#{snapshot}"
      @store.datasets.destroy(name) unless tolerant && !@store.datasets.exist?(name)
    end
  end

  def close(container)
    @keys.release(container['log']['key'])
    @store.save_config(container.except('log'))
  end
end
