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
// up to 2^53, as ours are; only their usual formatting is not, hence '%d' and never cjson.encode.
const accounts = `
-- An account is kept as "limit settled held revision ends"; '-' where nothing ends it.
local function read(value)
  local limit, settled, held, revision, ends = string.match(value, '^(%-?%d+) (%-?%d+) (%-?%d+) (%d+) (%S+)$')
  return tonumber(limit), tonumber(settled), tonumber(held), tonumber(revision), tonumber(ends) or false
end
local function written(limit, settled, held, revision, ends)
  return string.format(ends and '%d %d %d %d %d' or '%d %d %d %d -', limit, settled, held, revision, ends)
end
-- Its place in the order in which accounts may be cleared away, if nothing is held by then. One that nothing
-- ends has a place only while nothing was spent of it.
local function placeOf(settled, ends)
  return ends or settled == 0 and '-inf'
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
 * ARGV numbers as one list in JSON, then names of rows, of documents, of accounts, then the rows.
 * The list: how many of each there are; then for each change: which row, expected version, its time,
 * which document or 0, its revision, number of steps; for each step: which account, held, settled,
 * guard or false, ends or false.
 * @returns for each change: 0 done, 1 exceeded, 2 conflict, 3 stale; the accounts as they were
 * before all of them; and for each conflict and stale change, what there was
 */
export const changeScript = script(`${accounts}${versions}
local runs, names, times, accounts, endings, documents = unpack(KEYS)
local list = cjson.decode(ARGV[1])
local rowCount, documentCount, accountCount = list[1], list[2], list[3]
local firstRow, firstDocument, firstAccount = 1, 1 + rowCount, 1 + rowCount + documentCount
local function look(hash, first, count)
  return count > 0 and redis.call('HMGET', hash, unpack(ARGV, first + 1, first + count)) or {}
end
local rows = look(runs, firstRow, rowCount)
local texts = look(documents, firstDocument, documentCount)
local before = look(accounts, firstAccount, accountCount)

-- Accounts by their place in the list.
local limits, spent, tied, revisions, ends, places, touched = {}, {}, {}, {}, {}, {}, {}
for which = 1, accountCount do
  limits[which], spent[which], tied[which], revisions[which], ends[which] = 0, 0, 0, 0, false
  if before[which] then
    limits[which], spent[which], tied[which], revisions[which], ends[which] = read(before[which])
    places[which] = placeOf(spent[which], ends[which])
  end
end

-- Takes the steps of a change, or takes them back.
local undo = {}
local function take(first, last)
  local fits = true
  for step = first, last, 5 do
    local which, held, guard = list[step], list[step + 1], list[step + 3]
    undo[step], undo[step + 1], undo[step + 2], undo[step + 3], undo[step + 4] = limits[which], spent[which], tied[which], revisions[which], ends[which]
    -- Not the other way round: what is no number must not get through.
    fits = fits and not (guard and not (held <= math.max(0, guard - spent[which] - tied[which])))
    limits[which] = guard or limits[which]
    spent[which] = spent[which] + list[step + 2]
    tied[which] = tied[which] + held
    revisions[which] = revisions[which] + 1
    ends[which] = list[step + 4]
  end
  if fits then
    for step = first, last, 5 do touched[list[step]] = true end
  else
    for step = last - 4, first, -5 do
      local which = list[step]
      limits[which], spent[which], tied[which], revisions[which], ends[which] = undo[step], undo[step + 1], undo[step + 2], undo[step + 3], undo[step + 4]
    end
  end
  return fits
end

local function add(list, one, other)
  list[#list + 1] = one
  list[#list + 1] = other
end
local values, added, timed, found = {}, {}, {}, {}
local function change(first, last, row)
  local which, document = list[first], list[first + 3]
  if versionOf(rows[which]) ~= list[first + 1] then
    found[#found + 1] = rows[which]
    return 2
  end
  if document > 0 and versionOf(texts[document]) ~= list[first + 4] then
    found[#found + 1] = texts[document]
    return 3
  end
  if not take(first + 6, last) then return 1 end
  local name = ARGV[firstRow + which]
  if not rows[which] then add(added, 0, name) end
  rows[which] = row
  add(values, name, row)
  add(timed, list[first + 2], name)
  return 0
end

local outcomes, at = {}, 4
while at <= #list do
  local last = at + 5 + 5 * list[at + 5]
  outcomes[#outcomes + 1] = change(at, last, ARGV[firstAccount + accountCount + #outcomes + 1])
  at = last + 1
end

local function send(command, key, list)
  if #list > 0 then redis.call(command, key, unpack(list)) end
end
local accountValues = {}
for which in pairs(touched) do
  local key = ARGV[firstAccount + which]
  add(accountValues, key, written(limits[which], spent[which], tied[which], revisions[which], ends[which]))
  place(endings, key, places[which] or false, placeOf(spent[which], ends[which]))
end
send('HSET', accounts, accountValues)
send('HSET', runs, values)
send('ZADD', names, added)
send('ZADD', times, timed)
return { outcomes, before, found }
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
for _, name in ipairs(redis.call('ZREVRANGEBYSCORE', times, 0, string.format('(%d', -before), 'LIMIT', 0, ARGV[2])) do
  redis.call('HDEL', runs, name)
  redis.call('ZREM', names, name)
  redis.call('ZREM', times, name)
  cleared = cleared + 1
end
for at = 3, #ARGV, 2 do
  local stored = redis.call('HGET', accounts, ARGV[at])
  local _, settled, held, _, ends = read(stored or '0 0 0 0 -')
  local order = stored and placeOf(settled, ends)
  if order and held == 0 and (order == '-inf' or order < before) then
    if settled ~= 0 then redis.call('HINCRBY', totals, ARGV[at + 1], string.format('%d', settled)) end
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
    local limit, settled, held, revision, ends = read(moved)
    local _, moreSettled, moreHeld, revisions, otherEnds = read(there or '0 0 0 0 -')
    local stands = there and placeOf(moreSettled, otherEnds)
    settled, held, revision = settled + moreSettled, held + moreHeld, revision + revisions
    redis.call('HDEL', accounts, from)
    redis.call('ZREM', endings, from)
    redis.call('HSET', accounts, to, written(limit, settled, held, revision, ends))
    place(endings, to, stands or false, placeOf(settled, ends))
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
