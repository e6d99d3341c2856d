# frozen_string_literal: true

require_relative 'store'

autoload :Addrinfo, 'socket'
autoload :Digest, 'digest'
autoload :Shellwords, 'shellwords'

# The public keys that may send containers here: tank/conf/send-receive/keychain.yml, and a line in sshd's authorized_keys for
# each.
class KeyChain
  WORD = /\A[a-zA-Z0-9_\-:.]+\z/

  def initialize(store)
    @store = store
    @file = "#{store.dir}/#{Store::POOL}/conf/send-receive/keychain.yml"
  end

  def keys = File.exist?(@file) ? Store.load(@file) : []

  def [](name) = keys.find { |key| key['name'] == name }

  # @param options [Hash] of `osctl receive authorized-keys add`, with the public key as `input`
  def add(name, options)
    { 'key name' => name, 'passphrase' => options['passphrase'] }.compact.each do |title, word|
      raise CommandFailed, "#{title} must consist only of a-z A-Z 0-9, _-:." unless word.match?(WORD)
    end
    change do |keys|
      raise CommandFailed, "key '#{name}' already exists" if keys.any? { |key| key['name'] == name }

      keys << { 'name' => name, 'pubkey' => options.fetch('input').split.first(2).join(' '), 'ctid' => options['ctid'],
                'from' => options['from'], 'single_use' => options['single_use'] == true, 'in_use' => false,
                'passphrase' => options['passphrase'] }
    end
  end

  def delete(name)
    change { |keys| keys.reject! { |key| key['name'] == name } || raise(CommandFailed, 'key not found') }
  end

  # sshd has told apart public keys only: of those that are the same, the one counts that fits.
  # @return [Hash] the key
  def authorize(name, passphrase, address)
    pubkey = self[name]&.fetch('pubkey')
    found = keys.find do |key|
      key['pubkey'] == pubkey && key['passphrase'] == passphrase && from?(key, address) && !(key['single_use'] && key['in_use'])
    end
    found || raise(CommandFailed, 'invalid authentication key')
  end

  # A container is staged with it.
  def reserve(name) = change { |keys| keys.each { |key| key['in_use'] = true if key['name'] == name && key['single_use'] } }

  # That one is complete, or gone. nil: there was none.
  def release(name)
    change { |keys| keys.reject! { |key| key['name'] == name && key['single_use'] } } unless name.nil?
  end

  def self.digest(key) = Digest::SHA256.hexdigest(key.fetch('pubkey'))

  # What sshd reads: root's own key, and those of the chain.
  def write_authorized_keys
    hook = File.expand_path('../bin/receive-hook', __dir__)
    lines = keys.map do |key|
      words = [hook, Store::POOL, key['name'], KeyChain.digest(key)]
      "command=\"#{Shellwords.join(words)}\",restrict #{key['pubkey']}\n"
    end
    replace("#{@store.dir}/authorized_keys", File.read("#{@store.dir}/id_ed25519.pub") + lines.join)
  end

  private

  def from?(key, address)
    return true if key['from'].nil?

    names = [address, Addrinfo.ip(address).getnameinfo.first]
    key['from'].split(',').any? { |glob| names.any? { |name| File.fnmatch?(glob, name) } }
  end

  def change
    @store.lock('key chain', 'key chain', wait: true) do
      keys = self.keys
      yield keys
      replace(@file, JSON.generate(keys))
      write_authorized_keys
    end
    nil
  end

  def replace(file, content)
    File.write("#{file}~", content)
    File.rename("#{file}~", file)
  end
end
