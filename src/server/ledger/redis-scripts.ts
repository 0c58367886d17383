/** A script for the server, and the name it goes by there. */
export interface Script {
  readonly source: string
  readonly sha: Promise<string>
}

function script(source: string): Script {
  return { source, sha: sha1(source) }
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
}

// Redis runs a script alone and keeps its writes together, on disk as well. Lua's numbers are exact
// up to 2^53, as ours are; only their usual formatting is not, hence '%.0f' and never cjson.
const accounts = `
-- An account is kept as "limit settled held revision ends"; '-' where nothing ends it.
local function read(value)
  local limit, settled, held, revision, ends = string.match(value, '^(%-?%d+) (%-?%d+) (%-?%d+) (%d+) (%S+)$')
  return { limit = tonumber(limit), settled = tonumber(settled), held = tonumber(held), revision = tonumber(revision), ends = ends }
end
local function written(account)
  return string.format('%.0f %.0f %.0f %.0f %s', account.limit, account.settled, account.held, account.revision, account.ends)
end
-- Its place in the order in which accounts may be cleared away. One that nothing ends has a place only while it is empty.
local function placeOf(account)
  if not account then return nil end
  if account.ends ~= '-' then return account.ends end
  return account.held == 0 and account.settled == 0 and '-inf' or nil
end
local function place(order, key, before, after)
  if before == after then return end
  if after then redis.call('ZADD', order, after, key) else redis.call('ZREM', order, key) end
end`

// What is compared and set stands first in a value: "version json".
const versions = `
local function versionOf(value) return value and tonumber(string.match(value, '^%d+')) or 0 end`

/**
 * `Engine.change`. Everything is read and judged before the first write.
 * KEYS runs, names, open, ended, accounts, endings, documents;
 * ARGV name, expected version, row, expiry or time, '1' where open, document, its revision or '',
 * number of accounts, their keys, then for each step: which account, held, settled, guard or '', ends.
 */
export const changeScript = script(`${accounts}${versions}
local runs, names, open, ended, accounts, endings, documents = unpack(KEYS)
local name, expected, row, score, isOpen, document, revision, count = unpack(ARGV, 1, 8)
local first = 8

local current = redis.call('HGET', runs, name)
if versionOf(current) ~= tonumber(expected) then return { 'conflict', current } end
if revision ~= '' then
  local stored = redis.call('HGET', documents, document)
  if versionOf(stored) ~= tonumber(revision) then return { 'stale', stored } end
end

count = tonumber(count)
local stored = count > 0 and redis.call('HMGET', accounts, unpack(ARGV, first + 1, first + count)) or {}
local taken, places, refused = {}, {}, {}
for at = 1, count do
  taken[at] = stored[at] and read(stored[at]) or { limit = 0, settled = 0, held = 0, revision = 0, ends = '-' }
  places[at] = stored[at] and placeOf(taken[at]) or nil
end
for at = first + count + 1, #ARGV, 5 do
  local which, held, settled, guard = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local account = taken[which]
  account.limit = guard or account.limit
  account.ends = ARGV[at + 4]
  if guard and not (held <= math.max(0, guard - account.settled - account.held)) then
    refused[#refused + 1] = ARGV[first + which]
  else
    account.held = account.held + held
    account.settled = account.settled + settled
    account.revision = account.revision + 1
  end
end

local answers = {}
if #refused > 0 then
  for at = 1, count do
    local account = stored[at] and read(stored[at]) or { settled = 0, held = 0, revision = 0, ends = '-' }
    account.limit = taken[at].limit
    answers[at] = written(account)
  end
  return { 'exceeded', answers, refused }
end

local values = {}
for at = 1, count do
  local key = ARGV[first + at]
  answers[at] = written(taken[at])
  values[at * 2 - 1], values[at * 2] = key, answers[at]
  place(endings, key, places[at], placeOf(taken[at]))
end
if count > 0 then redis.call('HSET', accounts, unpack(values)) end
redis.call('HSET', runs, name, row)
if not current then redis.call('ZADD', names, 0, name) end
if isOpen == '1' then
  redis.call('ZADD', open, score, name)
else
  redis.call('ZREM', open, name)
  redis.call('ZADD', ended, score, name)
end
return { 'done', answers }
`)

/** `Engine.putDocument`. KEYS documents; ARGV key, expected revision, value with its revision or ''. */
export const putDocumentScript = script(`${versions}
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if versionOf(stored) ~= tonumber(ARGV[2]) then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
return 1
`)

/**
 * `Engine.retire`. Accounts are looked at again: they may have been drawn on since they were found.
 * KEYS runs, names, ended, accounts, endings, totals; ARGV before, most, then accounts with their totals.
 */
export const retireScript = script(`${accounts}
local runs, names, ended, accounts, endings, totals = unpack(KEYS)
local before, cleared = tonumber(ARGV[1]), 0
for _, name in ipairs(redis.call('ZRANGEBYSCORE', ended, '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])) do
  redis.call('HDEL', runs, name)
  redis.call('ZREM', names, name)
  redis.call('ZREM', ended, name)
  cleared = cleared + 1
end
for at = 3, #ARGV, 2 do
  local stored = redis.call('HGET', accounts, ARGV[at])
  local account = stored and read(stored)
  local order = account and placeOf(account)
  if order and account.held == 0 and (order == '-inf' or tonumber(order) < before) then
    if account.settled > 0 then redis.call('HINCRBY', totals, ARGV[at + 1], string.format('%.0f', account.settled)) end
    redis.call('HDEL', accounts, ARGV[at])
    redis.call('ZREM', endings, ARGV[at])
    cleared = cleared + 1
  end
end
return cleared
`)

/**
 * Moves rows, accounts and documents to other names, all or, where a row has changed meanwhile, none.
 * An account that is there already is added to: what was spent stays spent.
 * KEYS as of `changeScript`; ARGV number of rows, of accounts, then for each row: name, expected
 * version, new name, row, expiry or time, '1' where open; for each account and document: name, new name.
 */
export const renameScript = script(`${accounts}${versions}
local runs, names, open, ended, accounts, endings, documents = unpack(KEYS)
local endOfRows = 2 + 6 * tonumber(ARGV[1])
local endOfAccounts = endOfRows + 2 * tonumber(ARGV[2])
for at = 3, endOfRows, 6 do
  if versionOf(redis.call('HGET', runs, ARGV[at])) ~= tonumber(ARGV[at + 1]) then return 0 end
end
for at = 3, endOfRows, 6 do
  local from, to = ARGV[at], ARGV[at + 2]
  redis.call('HDEL', runs, from)
  for _, set in ipairs({ names, open, ended }) do redis.call('ZREM', set, from) end
  redis.call('HSET', runs, to, ARGV[at + 3])
  redis.call('ZADD', names, 0, to)
  redis.call('ZADD', ARGV[at + 5] == '1' and open or ended, ARGV[at + 4], to)
end
for at = endOfRows + 1, endOfAccounts, 2 do
  local from, to = ARGV[at], ARGV[at + 1]
  local moved, there = redis.call('HGET', accounts, from), redis.call('HGET', accounts, to)
  if moved then
    local account, other = read(moved), there and read(there)
    if other then
      account.settled, account.held, account.revision = account.settled + other.settled, account.held + other.held, account.revision + other.revision
    end
    redis.call('HDEL', accounts, from)
    redis.call('ZREM', endings, from)
    redis.call('HSET', accounts, to, written(account))
    place(endings, to, placeOf(other), placeOf(account))
  end
end
for at = endOfAccounts + 1, #ARGV, 2 do
  local moved = redis.call('HGET', documents, ARGV[at])
  if moved then
    redis.call('HDEL', documents, ARGV[at])
    redis.call('HSET', documents, ARGV[at + 1], moved)
  end
end
return 1
`)
