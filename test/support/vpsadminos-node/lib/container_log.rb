# frozen_string_literal: true

# DIR/ct.log: what containers did and when, so that a test can tell that two never ran at once. A line is
# `SECONDS VERB ID begin` or `SECONDS VERB ID end CODE`.
module ContainerLog
  module_function

  def around(store, verb, id)
    write(store, verb, id, 'begin')
    code = 1
    result = yield
    code = 0
    result
  ensure
    write(store, verb, id, "end #{code}")
  end

  def write(store, verb, id, what)
    seconds = format('%.9f', Process.clock_gettime(Process::CLOCK_REALTIME))
    File.write("#{store.dir}/ct.log", "#{seconds} #{verb} #{id} #{what}\n", mode: 'a')
  end
end
