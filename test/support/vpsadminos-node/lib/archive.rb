# frozen_string_literal: true

# The reader without the rest of RubyGems, which takes ten times as long to start as Ruby itself.
module Gem
  class Package
    class TarInvalidError < StandardError; end
  end
end

require 'rubygems/package/tar_header'
require 'rubygems/package/tar_reader'
require 'rubygems/package/tar_reader/entry'
require 'yaml'

# The two readers that osctld puts on one archive: Gem::Package::TarReader finds members and reads the small ones, GNU tar
# reads the payloads. Paths reach a shell unquoted, as they do there.
class Archive
  def initialize(path)
    @path = path
    @file = File.open(path, 'r')
    @tar = Gem::Package::TarReader.new(@file)
  end

  # @return [String, nil] the first member of that name
  def text(name) = @tar.seek(name, &:read)

  # @return [Object, nil] of the first document only
  def yaml(name) = @tar.seek(name) { |entry| YAML.safe_load(entry.read) }

  def member?(name) = @tar.seek(name) { true } == true

  # `hooks/NAME`, `hooks/NAME.d/` and what is in that. Every header of the archive must parse for this.
  def each_hook
    @tar.rewind
    @tar.each { |entry| yield entry if entry.full_name.match?(%r{\Ahooks/[a-z-]+(\.d(/[\w.-]*)?)?\z}) }
  end

  # @return [String] the shell command that writes a payload to its stdout
  def payload(name) = "tar -xOf #{@path} #{name}"

  def close = @file.close
end
