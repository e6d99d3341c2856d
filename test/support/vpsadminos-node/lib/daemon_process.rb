# frozen_string_literal: true

require 'json'

# Starts the daemon part and follows its answers. It is a fork, which is cheaper than a program of its own and has as little of
# ours: no descriptor but its answers and, where told so, our stdin. It is not in our process group, and goes on when we end.
module DaemonProcess
  module_function

  # @param request [Hash] see Daemon#serve
  # @param stdin [IO, String] what the daemon reads
  # @yieldparam message [Hash] with `progress`, `error` or `response`; after one of the last two nothing comes
  def ask(request, stdin: File::NULL)
    answers_out, answers_in = IO.pipe
    $stdout.flush
    pid = fork { serve(request, stdin, answers_in) }
    answers_in.close
    answers_out.each_line { |line| yield JSON.parse(line) }
    Process.wait(pid)
  end

  def serve(request, stdin, answers)
    Process.setpgid(0, 0)
    $stdin.reopen(stdin)
    $stdout.reopen(answers)
    $stderr.reopen(File::NULL)
    close_inherited
    require_relative 'daemon'
    Daemon.new.serve(request)
  ensure
    # Nothing that the client would do at its end.
    exit!
  end

  # Ruby's own are closed on exec, and stay.
  def close_inherited
    Dir.children('/proc/self/fd').map { |name| Integer(name) }.select { |number| number > 2 }.each do |number|
      file = IO.for_fd(number, autoclose: false)
      file.close unless file.close_on_exec?
    rescue Errno::EBADF, ArgumentError
      next
    end
  end
end
