-- apply checks every condition of a batch and then makes its mutations.
--
--   KEYS  1  last revision of the shard     2  result of the operation id     3...  what the batch reads or changes
--   ARGV  1  how long the result is kept (ms)     2  number of conditions     3  number of mutations
--         4  type of each key from KEYS 3 on, a letter each: s string, z sorted set, h hash
--         conditions, two arguments each:  key, revision or token that it must have (0 = absent)
--         mutations, five arguments each:  what, key, a, b, second key
--            put bytes ttl | del | add member bucket counts | rem member bucket counts | sch id ms | uns id
--            inc n ttl | app bytes | trm revision | acq holder ttl | ren token ttl | rel token
--         (a key is its number in KEYS; a ttl is in ms, 0 for none)
--   gives {"ok", "[revision, value of each counter...]"}, {"no", index, revision found}, {"full"} or an error
--
-- Redis does not roll back, so nothing may fail after the first write. Hence all types are looked at beforehand, and the
-- first write is one that is refused when the server has no memory, cannot save or is a replica. Revisions travel as
-- text: tostring would round them.

local types = {s = 'string', z = 'zset', h = 'hash'}

local function text(n) return string.format('%.0f', n) end

local function corrupt(why) return redis.error_reply('WRONGTYPE ' .. why) end

-- rev_of gives the number before the first blank, '0' where nothing is, nil where it is not ours.
local function rev_of(key)
  local head = redis.call('GETRANGE', key, 0, 20)
  if head == '' then return '0' end
  return string.match(head, '^(%d+) ')
end

local done = redis.call('GET', KEYS[2])
if done then return {'ok', done} end

for i = 3, #KEYS do
  local found, want = redis.call('TYPE', KEYS[i]).ok, types[string.sub(ARGV[4], i - 2, i - 2)]
  if found ~= 'none' and found ~= want then return corrupt('a ' .. found .. ' stands where a ' .. want .. ' should') end
end

local conditions, mutations, at = tonumber(ARGV[2]), tonumber(ARGV[3]), 5
for i = 0, conditions - 1 do
  local found = rev_of(KEYS[tonumber(ARGV[at])])
  if not found then return corrupt('a document without a revision') end
  if found ~= ARGV[at + 1] then return {'no', i, found} end
  at = at + 2
end

local first = at
for i = 0, mutations - 1 do
  local what, key, a = ARGV[at], KEYS[tonumber(ARGV[at + 1])], ARGV[at + 2]
  if what == 'acq' or what == 'ren' then
    local found = rev_of(key)
    if not found then return corrupt('a lease without a token') end
    if found ~= (what == 'acq' and '0' or a) then return {'no', conditions + i, found} end
  elseif what == 'inc' then
    local found = redis.call('GET', key) or '0'
    if not string.match(found, '^%-?%d+$') then return corrupt('a counter that is no number') end
    if math.abs(tonumber(found) + tonumber(a)) > 9007199254740991 then return {'full'} end
  end
  at = at + 5
end

local last = tonumber(redis.call('GET', KEYS[1]) or '0')
if not last then return corrupt('a last revision that is no number') end
local now = redis.call('TIME')
local rev = text(math.max(last + 1, tonumber(now[1]) * 1000000 + tonumber(now[2])))
redis.call('SET', KEYS[1], rev)

local function put(key, bytes, ttl)
  if ttl == '0' then redis.call('SET', key, bytes) else redis.call('SET', key, bytes, 'PX', ttl) end
end

local function count(bucket, name, counts)
  local n = redis.call('ZCARD', bucket)
  if n == 0 then redis.call('HDEL', counts, name) else redis.call('HSET', counts, name, n) end
end

local result = {rev}
local make = {
  put = function(key, bytes, ttl) put(key, rev .. ' ' .. bytes, ttl) end,
  del = function(key) redis.call('DEL', key) end,
  add = function(key, member, name, counts)
    if redis.call('ZADD', key, 0, member) == 1 then count(key, name, counts) end
  end,
  rem = function(key, member, name, counts)
    if redis.call('ZREM', key, member) == 1 then count(key, name, counts) end
  end,
  sch = function(key, id, ms) redis.call('ZADD', key, ms, id) end,
  uns = function(key, id) redis.call('ZREM', key, id) end,
  inc = function(key, n, ttl)
    table.insert(result, text(redis.call('INCRBY', key, n)))
    if ttl ~= '0' then redis.call('PEXPIRE', key, ttl) end
  end,
  app = function(key, bytes) redis.call('ZADD', key, rev, rev .. ' ' .. bytes) end,
  trm = function(key, before) redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. before) end,
  acq = function(key, holder, ttl) put(key, rev .. ' ' .. holder, ttl) end,
  ren = function(key, token, ttl) redis.call('PEXPIRE', key, ttl) end,
  rel = function(key, token) if rev_of(key) == token then redis.call('DEL', key) end end,
}
at = first
for i = 1, mutations do
  make[ARGV[at]](KEYS[tonumber(ARGV[at + 1])], ARGV[at + 2], ARGV[at + 3], KEYS[tonumber(ARGV[at + 4])])
  at = at + 5
end

local packed = '[' .. table.concat(result, ',') .. ']'
redis.call('SET', KEYS[2], packed, 'PX', ARGV[1])
return {'ok', packed}
