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
 * `Engine.change`, for any number of changes, one after the other. All is read before the first is
 * judged, and written after the last: what many have in common is read and written once.
 * KEYS runs, names, times, accounts, endings, documents;
 * ARGV three lists, each with its length first: names of rows, of documents, of accounts; then for
 * each change: which row, expected version, row, its time, which document or 0, its revision,
 * number of steps; for each step: which account, held, settled, guard or '', ends.
 */
export const changeScript = script(`${accounts}${versions}
local runs, names, times, accounts, endings, documents = unpack(KEYS)
local at = 1

-- The next list, and what stands in a hash under its names.
local function look(hash)
  local first, count = at + 1, tonumber(ARGV[at])
  at = first + count
  return first - 1, count > 0 and redis.call('HMGET', hash, unpack(ARGV, first, at - 1)) or {}
end
local firstRow, rows = look(runs)
local firstDocument, texts = look(documents)
local firstAccount, stored = look(accounts)

local function accountOf(text)
  return text and read(text) or { limit = 0, settled = 0, held = 0, revision = 0, ends = '-' }
end
local states, places = {}, {}
for which, text in ipairs(stored) do
  states[which] = accountOf(text)
  places[which] = text and placeOf(states[which]) or nil
end

-- Takes the steps of a change: the accounts they touch, in the order in which they come, and those that refused.
local function take(first, last)
  local order, refused = {}, {}
  for step = first, last, 5 do
    local which, held, settled, guard = tonumber(ARGV[step]), tonumber(ARGV[step + 1]), tonumber(ARGV[step + 2]), tonumber(ARGV[step + 3])
    local account = states[which]
    if account.change ~= first then
      account.change = first
      order[#order + 1] = which
    end
    account.limit = guard or account.limit
    account.ends = ARGV[step + 4]
    if guard and not (held <= math.max(0, guard - account.settled - account.held)) then
      refused[#refused + 1] = ARGV[firstAccount + which]
    else
      account.held = account.held + held
      account.settled = account.settled + settled
      account.revision = account.revision + 1
    end
  end
  return order, refused
end
-- Takes them back: accounts as they were, and how they look under the limits that refused.
local function takeBack(order)
  local shown = {}
  for place, which in ipairs(order) do
    local account = accountOf(stored[which])
    account.limit = states[which].limit
    shown[place] = written(account)
    states[which] = accountOf(stored[which])
  end
  return shown
end

local function add(list, one, other)
  list[#list + 1] = one
  list[#list + 1] = other
end
local touched, values, added, timed = {}, {}, {}, {}
local function keep(which, row, time)
  local name = ARGV[firstRow + which]
  if not rows[which] then add(added, 0, name) end
  rows[which] = row
  add(values, name, row)
  add(timed, time, name)
end
local function change(first, last)
  local which, row, document = tonumber(ARGV[first]), ARGV[first + 2], tonumber(ARGV[first + 4])
  if versionOf(rows[which]) ~= tonumber(ARGV[first + 1]) then return { 'conflict', rows[which] } end
  if document > 0 and versionOf(texts[document]) ~= tonumber(ARGV[first + 5]) then return { 'stale', texts[document] } end
  local order, refused = take(first + 7, last)
  if #refused > 0 then return { 'exceeded', takeBack(order), refused } end
  local answers = {}
  for place, account in ipairs(order) do
    answers[place] = written(states[account])
    stored[account], touched[account] = answers[place], answers[place]
  end
  keep(which, row, ARGV[first + 3])
  return { 'done', answers }
end

local answers = {}
while at <= #ARGV do
  local last = at + 6 + 5 * tonumber(ARGV[at + 6])
  answers[#answers + 1] = change(at, last)
  at = last + 1
end

local function send(command, key, list)
  if #list > 0 then redis.call(command, key, unpack(list)) end
end
local accountValues = {}
for account, text in pairs(touched) do
  local key = ARGV[firstAccount + account]
  add(accountValues, key, text)
  place(endings, key, places[account], placeOf(states[account]))
end
send('HSET', accounts, accountValues)
send('HSET', runs, values)
send('ZADD', names, added)
send('ZADD', times, timed)
return answers
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
 * KEYS runs, names, times, accounts, endings, totals; ARGV before, most, then accounts with their totals.
 */
export const retireScript = script(`${accounts}
local runs, names, times, accounts, endings, totals = unpack(KEYS)
local before, cleared = tonumber(ARGV[1]), 0
for _, name in ipairs(redis.call('ZREVRANGEBYSCORE', times, 0, string.format('(%.0f', -before), 'LIMIT', 0, ARGV[2])) do
  redis.call('HDEL', runs, name)
  redis.call('ZREM', names, name)
  redis.call('ZREM', times, name)
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
 * version, new name, row, its time; for each account and document: name, new name.
 */
export const renameScript = script(`${accounts}${versions}
local runs, names, times, accounts, endings, documents = unpack(KEYS)
local endOfRows = 2 + 5 * tonumber(ARGV[1])
local endOfAccounts = endOfRows + 2 * tonumber(ARGV[2])
for at = 3, endOfRows, 5 do
  if versionOf(redis.call('HGET', runs, ARGV[at])) ~= tonumber(ARGV[at + 1]) then return 0 end
end
for at = 3, endOfRows, 5 do
  local from, to = ARGV[at], ARGV[at + 2]
  redis.call('HDEL', runs, from)
  redis.call('ZREM', names, from)
  redis.call('ZREM', times, from)
  redis.call('HSET', runs, to, ARGV[at + 3])
  redis.call('ZADD', names, 0, to)
  redis.call('ZADD', times, ARGV[at + 4], to)
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
