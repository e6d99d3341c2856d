# frozen_string_literal: true

require 'json'
require_relative 'containers'
require_relative 'listing'

# osctld's part, in a process of its own: what it opens by name it opens for itself, its stdin is not the client's, and it
# goes on when the client dies. The answers leave as JSON lines.
class Daemon
  def initialize
    @store = Store.new
    @containers = Containers.new(@store, method(:progress))
    @listing = Listing.new(@store)
  end

  def serve(request)
    result = execute(*request.values_at('command', 'options', 'arguments'))
    return answer(result) if request['command'] == 'ct runscript'

    # Only these have something to say.
    answer('response' => request['command'].match?(/ (ls|show|map|skel)\z/) ? result : nil)
  rescue CommandFailed => e
    @store.note(e.message)
    answer('error' => e.message)
  rescue StandardError, SyntaxError => e
    @store.note("#{e.class}: #{e.message.lines.first&.chomp} at #{e.backtrace&.first}")
    answer('error' => 'internal error')
  end

  private

  def execute(command, options, arguments)
    return receive(command.split.last, options, arguments) if command.match?(/\Areceive [a-z]+\z/)

    pool = options['pool'] || arguments.first.to_s[/\A(\w+):/, 1]
    raise CommandFailed, 'pool not found' unless [nil, Store::POOL].include?(pool)
    raise CommandFailed, 'the pool is disabled' if ['ct import', 'ct new'].include?(command) && !@store.active?

    first, *rest = arguments
    options = options.merge('id' => first)
    case command
    when 'pool ls' then @listing.pools(arguments)
    when 'ct ls' then @listing.containers(arguments)
    when 'ct show' then @listing.container(@store.container!(first))
    when 'ct import' then import(options.merge('file' => first))
    when 'ct new' then @containers.create(options)
    when 'ct del' then @containers.delete(options)
    when 'ct config replace' then @containers.replace_config(options)
    when 'ct start', 'ct stop', 'ct mount' then @containers.send(command.split.last, options)
    when 'ct runscript' then @containers.run_script(options, rest.drop(1))
    when 'ct devices ls' then @listing.devices(first)
    when 'ct devices add' then @containers.add_device(options, device(rest))
    when /\Act (set|unset) / then set(command.split[1], command.split[2], options, rest)
    when 'ct netif ls' then @listing.interfaces(first)
    when 'ct netif ip ls' then @listing.addresses('ip_addresses', *arguments)
    when 'ct netif route ls' then @listing.addresses('routes', *arguments)
    when 'user ls' then @listing.users(arguments)
    when 'user show' then Accounts.describe_user(@store, first)
    when 'user map' then Accounts.list_maps(@store, Store.name_in_pool(first))
    when 'user new' then create_user(first, options)
    when 'user del' then Accounts.delete_user(@store, Store.name_in_pool(first))
    when 'group ls' then @listing.groups(arguments)
    when 'group devices ls' then @listing.group_devices(Store.name_in_pool(first))
    when 'group new' then create_group(first)
    when 'group del' then Accounts.delete_group(@store, Store.name_in_pool(first))
    when 'receive authorized-keys ls' then KeyChain.new(@store).keys
    when 'receive authorized-keys add' then KeyChain.new(@store).add(first, options)
    when 'receive authorized-keys del' then KeyChain.new(@store).delete(first)
    end
  end

  # Loaded only here, as most commands need none of it.
  def import(options)
    require_relative 'import'
    Import.new(@store, options, method(:progress)).run
  end

  # What the hook of sshd asks for; our stdin is that of the sender.
  def receive(verb, options, arguments)
    if verb == 'skel'
      require_relative 'skel'
      Skel.new(@store, options).run($stdin, *arguments)
    else
      require_relative 'receive'
      Receive.new(@store, @containers, options).send(verb, *arguments)
    end
  end

  def set(verb, key, options, words)
    value = nil
    if verb == 'set'
      value = case key
              when 'autostart' then autostart(options)
              when 'dns-resolver' then words
              when 'nesting' then true
              when 'attr' then words.fetch(1)
              else words.first
              end
    end
    return @containers.set_attribute(options, words.first, value) if key == 'attr'

    @containers.set(options, key == 'dns-resolver' ? 'dns_resolvers' : key, value)
  end

  def autostart(options)
    { 'priority' => Integer(options['priority'] || 1000), 'delay' => Integer(options['delay'] || 5) }
  end

  def device(words)
    type, major, minor, mode, name = words
    { 'type' => type, 'major' => major, 'minor' => minor, 'mode' => mode, 'name' => name }
  end

  # Without maps: a fresh block.
  def create_user(name, options)
    raise CommandFailed, 'user already exists' if @store.user(name)

    both = options['map']
    given = both || options['map_uid'] || options['map_gid']
    uids, gids = given ? [both || options['map_uid'], both || options['map_gid']] : [@store.free_map] * 2
    raise CommandFailed, 'missing UID map' if uids.nil?
    raise CommandFailed, 'missing GID map' if gids.nil?

    Accounts.create_user(@store, name, { 'uid_map' => uids, 'gid_map' => gids, 'standalone' => true })
  end

  def create_group(name)
    raise CommandFailed, 'group already exists' if @store.group(name)

    parent = File.dirname(name)
    raise CommandFailed, "parent group #{parent} not found" unless ['/', '.'].include?(parent) || @store.group(parent)

    Accounts.create_group(@store, name)
  end

  def progress(message) = answer('progress' => message)

  # The client may be gone; the work is done all the same. Unbuffered: what a buffer keeps fails at the next fork.
  def answer(message)
    $stdout.syswrite("#{JSON.generate(message)}\n")
  rescue Errno::EPIPE
    nil
  end
end
