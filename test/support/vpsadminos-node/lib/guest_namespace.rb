# frozen_string_literal: true

require 'open3'

# Runs a program in a tree as LXC does: user namespace, fresh /dev and /proc, the tree as the root. Ids are not shifted, as
# nowhere in the stand-in. Needs root, and nsenter and unshare of util-linux.
class GuestNamespace
  IDS = "0 0 65536\n"
  ENTER = <<~SH
    cd "$1" || exit 1
    [ -e bin/sh ] || [ -h bin/sh ] || { echo 'lxc-execute: failed to exec: no such file or directory' >&2; exit 127; }
    mkdir -p dev proc && mount -t tmpfs -o mode=755 dev dev || exit 1
    for node in null zero full random urandom; do : >"dev/$node" && mount --bind "/dev/$node" "dev/$node"; done
    mount -t proc proc proc 2>/dev/null || mount --rbind /proc proc
    shift
    exec env -i PATH=/bin:/usr/bin:/sbin:/usr/sbin HOME=/root USER=root chroot . "$@"
  SH

  # @yieldparam pid [Integer] leads the process group of all that runs
  # @return [Array(String, String, Integer)] stdout, stderr, exit status
  def self.run(root, argv, &)
    holder = spawn('unshare', '--user', 'sleep', '600', in: File::NULL, out: File::NULL, err: File::NULL)
    map_ids(holder)
    enter = ['nsenter', "--user=/proc/#{holder}/ns/user", '-S', '0', '-G', '0', 'unshare', '--mount', '--pid', '--fork', '--kill-child']
    Open3.popen3(*enter, 'sh', '-c', ENTER, 'sh', root, *argv, pgroup: true) do |stdin, stdout, stderr, child|
      yield child.pid
      stdin.close
      outputs = [stdout, stderr].map { |stream| Thread.new { stream.read } }
      [*outputs.map(&:value), child.value.exitstatus || (128 + child.value.termsig)]
    end
  ensure
    Process.kill('KILL', holder)
    Process.wait(holder)
  end

  def self.map_ids(pid)
    ours = File.readlink('/proc/self/ns/user')
    sleep 0.01 while File.readlink("/proc/#{pid}/ns/user") == ours
    %w[uid_map gid_map].each { |map| File.write("/proc/#{pid}/#{map}", IDS) }
  end
  private_class_method :map_ids
end
