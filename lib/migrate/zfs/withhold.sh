begin
require_ours
require_stopped
forbid_mounts
# It was started before the first of that.
require_stopped
