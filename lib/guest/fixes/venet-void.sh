# The core service of runit that vzctl writes.
fix_venet_void() {
  remove etc/runit/core-services/90-venet.sh
}
