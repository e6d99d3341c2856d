begin
# One that was not taken over cannot start, until somebody takes it over after all.
require_ours_stopped staged
forbid_mounts
# It was started before the first of that.
require_ours_stopped staged
