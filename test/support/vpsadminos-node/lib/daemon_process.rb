# frozen_string_literal: true

require 'json'

# Starts the daemon part and follows its answers. It inherits nothing but the request (descriptor 3) and, where told so, our
# stdin, is not in our process group, and goes on when we end.
module DaemonProcess
  module_function

  # @param request [Hash] see Daemon#serve
  # @param stdin [IO, String] what the daemon reads
  # @yieldparam message [Hash] with `progress`, `error` or `response`; after one of the last two nothing comes
  def ask(request, stdin: File::NULL)
    request_out, request_in = IO.pipe(binmode: true)
    answers_out, answers_in = IO.pipe
    pid = spawn('ruby', '--disable=gems', "#{__dir__}/daemon.rb", 3 => request_out, in: stdin, out: answers_in,
                                                                    err: File::NULL, pgroup: true, close_others: true)
    [request_out, answers_in].each(&:close)
    request_in.write(Marshal.dump(request))
    request_in.close
    answers_out.each_line { |line| yield JSON.parse(line) }
    Process.wait(pid)
  end
end
