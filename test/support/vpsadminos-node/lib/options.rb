# frozen_string_literal: true

# Takes the options from the front of a command line. In the place of optparse, which takes ten times as long to load.
module Options
  class Error < StandardError; end

  module_function

  # @param table [Hash] `{ 'force' => '-f --force' }` is a switch; with a `=` at the end it has a value, with `=*` several
  # @return [Hash] true, the last value, or all values, by name
  def take(argv, table)
    found = {}
    while argv.first&.match?(/\A-./)
      word = argv.shift
      break if word == '--'

      option, given = word.start_with?('--') ? word.split('=', 2) : [word[0, 2], word[2..]]
      name, forms = table.find { |_, all| all[/[^=]*/].split.include?(option) } || raise(Error, "invalid option: #{word}")
      if forms.include?('=')
        value = given.to_s.empty? && !word.include?('=') ? argv.shift || raise(Error, "missing argument: #{word}") : given
        forms.end_with?('*') ? (found[name] ||= []) << value : found[name] = value
      else
        raise Error, "needless argument: #{word}" if word.start_with?('--') && given

        found[name] = true
        argv.unshift("-#{given}") unless given.to_s.empty?
      end
    end
    found
  end
end
