# frozen_string_literal: true

require 'securerandom'
require 'tempfile'
require_relative 'archived_container'
require_relative 'container_log'
require_relative 'key_chain'

# `receive skel`: a staged container without data, in osctld's order. What fails before it is registered leaves its user, what
# fails later leaves a ghost as well; the newer dialect cleans up after the latter.
class Skel
  # @param options [Hash] `pool`, `key` and `address` of the hook, `version` of the protocol
  def initialize(store, options)
    @store = store
    @options = options
    @keys = KeyChain.new(store)
  end

  # @param input [IO] the archive
  # @return [String] the token
  def run(input, pool = nil, passphrase = nil)
    pool = @options['pool'] if [nil, '-'].include?(pool)
    raise CommandFailed, 'pool not found' unless [@options['pool'], pool].all?(Store::POOL)

    @key = @keys.authorize(@options['key'], passphrase, @options['address'])
    raise CommandFailed, 'the pool is disabled' unless @store.active?

    Tempfile.create('skel') do |file|
      IO.copy_stream(input, file)
      file.flush
      stage(Archive.new(file.path))
    end
  end

  private

  def stage(archive)
    @archived = ArchivedContainer.new(@store, archive)
    type = @archived.metadata['type']
    raise CommandFailed, "expected archive type to be 'skel', got '#{type}'" unless type == 'skel'

    @container = load
    id = @container['id']
    raise CommandFailed, 'access denied: invalid container id' unless File.fnmatch?(@key['ctid'] || '*', id)
    raise NoMethodError, "invalid id #{id}" unless id.match?(Store::CONTAINER_ID)

    Devices.check(@store, @container['group'], @container['config']['devices'] || [])
    @store.lock(id, 'receive_skel', wait: true) { ContainerLog.around(@store, 'skel', id) { register } }
  end

  # A text of it does not reach the client.
  def load
    @archived.load(@archived.metadata['container'])
  rescue CommandFailed => e
    raise "cannot load: #{e.message}"
  end

  def register
    unless @store.register(@container)
      raise CommandFailed, "container #{Store::POOL}:#{@container['id']} already exists"
    end

    begin
      fill
    rescue StandardError
      @archived.clean_up if @store.newer?
      raise
    end
  end

  def fill
    @archived.create_datasets(keep: true)
    @archived.dataset_names.reverse_each { |name| @store.datasets.unmount(name) if @store.datasets.mounted?(name) }
    @archived.create_homes
    @archived.install_hooks
    @keys.reserve(@key['name'])
    token = SecureRandom.hex(20)
    @store.fail_at('save')
    @container['log'] = { 'token' => token, 'state' => 'stage', 'snapshots' => [], 'key' => @key['name'],
                          'digest' => KeyChain.digest(@key), 'version' => @options['version'] }
    @store.save_config(@container)
    token
  end
end
