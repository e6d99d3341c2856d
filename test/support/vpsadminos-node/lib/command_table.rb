# frozen_string_literal: true

# Options and arguments of every command the stand-in knows. `[name]` is optional, `[name...]` any number.

GLOBAL_OPTIONS = { 'json' => '-j --json', 'parsable' => '-p --parsable', 'quiet' => '-q --quiet', 'pool' => '--pool=' }.freeze

ALIASES = { 'list' => 'ls', 'delete' => 'del', 'create' => 'new', 'vps' => 'ct', 'info' => 'show' }.freeze

LIST_OPTIONS = { 'hide' => '-H --hide-header', 'list' => '-L --list', 'output' => '-o --output=', 'sort' => '-s --sort=' }.freeze

COMMANDS = {
  'pool ls' => { options: LIST_OPTIONS, arguments: ['[name...]'] },
  'ct ls' => { options: LIST_OPTIONS, arguments: ['[id...]'] },
  'ct show' => { options: LIST_OPTIONS, arguments: ['id'] },
  'ct import' => {
    options: { 'as_id' => '--as-id=', 'as_user' => '--as-user=', 'as_group' => '--as-group=', 'dataset' => '--dataset=',
               'missing_devices' => '--missing-devices=' },
    arguments: ['file']
  },
  'ct new' => {
    options: { 'skip_image' => '--skip-image', 'distribution' => '--distribution=', 'version' => '--version=',
               'arch' => '--arch=', 'user' => '--user=', 'group' => '--group=', 'dataset' => '--dataset=' },
    arguments: ['id']
  },
  'ct del' => { options: { 'force' => '-f --force' }, arguments: ['id'] },
  'ct config replace' => { arguments: ['id'] },
  'ct start' => { arguments: ['id'] },
  'ct stop' => { arguments: ['id'] },
  'ct mount' => { arguments: ['id'] },
  'ct runscript' => {
    options: { 'run' => '-r --run-container', 'network' => '-n --network' }, arguments: ['id', 'script', '[argument...]']
  },
  'ct devices ls' => { options: LIST_OPTIONS, arguments: ['id'] },
  'ct devices add' => {
    options: { 'parents' => '-p --parents' }, arguments: %w[id type major minor mode [device]]
  },
  'ct set autostart' => { options: { 'priority' => '-p --priority=', 'delay' => '-d --delay=' }, arguments: ['id'] },
  'ct unset autostart' => { arguments: ['id'] },
  'ct set hostname' => { arguments: %w[id hostname] },
  'ct unset hostname' => { arguments: ['id'] },
  'ct set dns-resolver' => { arguments: ['id', 'address', '[address...]'] },
  'ct unset dns-resolver' => { arguments: ['id'] },
  'ct set nesting' => { arguments: ['id'] },
  'ct unset nesting' => { arguments: ['id'] },
  'ct set attr' => { arguments: %w[id name value] },
  'ct unset attr' => { arguments: %w[id name] },
  'ct netif ls' => { options: LIST_OPTIONS, arguments: ['[id]'] },
  'ct netif ip ls' => { options: LIST_OPTIONS, arguments: ['[id]', '[name]'] },
  'ct netif route ls' => { options: LIST_OPTIONS, arguments: ['[id]', '[name]'] },
  'user ls' => { options: LIST_OPTIONS, arguments: ['[name...]'] },
  'user show' => { options: LIST_OPTIONS, arguments: ['name'] },
  'user new' => {
    options: { 'map' => '--map=*', 'map_uid' => '--map-uid=*', 'map_gid' => '--map-gid=*' }, arguments: ['name']
  },
  'user map' => { options: LIST_OPTIONS, arguments: ['name', '[type]'] },
  'user del' => { arguments: ['name'] },
  'group ls' => { options: LIST_OPTIONS, arguments: ['[name...]'] },
  'group devices ls' => { options: LIST_OPTIONS, arguments: ['name'] },
  'group new' => { arguments: ['name'] },
  'group del' => { arguments: ['name'] },
  'receive authorized-keys ls' => { options: LIST_OPTIONS, arguments: [] },
  'receive authorized-keys add' => {
    options: { 'ctid' => '--ctid=', 'from' => '--from=', 'single_use' => '--single-use', 'passphrase' => '--passphrase=' },
    arguments: ['name']
  },
  'receive authorized-keys del' => { arguments: ['name'] }
}.freeze
