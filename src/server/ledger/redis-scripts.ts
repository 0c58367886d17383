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
-- What becomes of its place: pairs to add, keys to remove.
local function place(add, remove, key, before, after)
  if before == after then return end
  if not after then remove[#remove + 1] = key return end
  add[#add + 1] = after == '-inf' and after or string.format('%d', after)
  add[#add + 1] = key
end`

// Redis undoes nothing of a script that fails half-way. So whatever can fail does so before the first write:
// all is read and worked out by then, and no list is longer than Lua can unpack, which is some 8,000 values.
const lists = `
local slice = 2000
local function look(hash, list, first, last)
  local found = {}
  for from = first, last, slice do
    for _, value in ipairs(redis.call('HMGET', hash, unpack(list, from, math.min(last, from + slice - 1)))) do found[#found + 1] = value end
  end
  return found
end
local function send(command, key, list)
  for from = 1, #list, slice do redis.call(command, key, unpack(list, from, math.min(#list, from + slice - 1))) end
end
local function add(list, one, other)
  list[#list + 1] = one
  list[#list + 1] = other
end
-- Fails where one is something else than its owner made it.
local function checkSorted(...)
  for _, key in ipairs({ ... }) do redis.call('ZCARD', key) end
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
export const changeScript = script(`${accounts}${lists}${versions}
local runs, names, times, accounts, endings, documents = unpack(KEYS)
local list = cjson.decode(ARGV[1])
local rowCount, documentCount, accountCount = list[1], list[2], list[3]
local firstRow, firstDocument, firstAccount = 1, 1 + rowCount, 1 + rowCount + documentCount
checkSorted(names, times, endings)
local rows = look(runs, ARGV, firstRow + 1, firstDocument)
local texts = look(documents, ARGV, firstDocument + 1, firstAccount)
local before = look(accounts, ARGV, firstAccount + 1, firstAccount + accountCount)

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
  add(timed, string.format('%d', list[first + 2]), name)
  return 0
end

local outcomes, at = {}, 4
while at <= #list do
  local last = at + 5 + 5 * list[at + 5]
  outcomes[#outcomes + 1] = change(at, last, ARGV[firstAccount + accountCount + #outcomes + 1])
  at = last + 1
end

local accountValues, placed, unplaced = {}, {}, {}
for which in pairs(touched) do
  local key = ARGV[firstAccount + which]
  add(accountValues, key, written(limits[which], spent[which], tied[which], revisions[which], ends[which]))
  place(placed, unplaced, key, places[which] or false, placeOf(spent[which], ends[which]))
end
send('HSET', accounts, accountValues)
send('ZADD', endings, placed)
send('ZREM', endings, unplaced)
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
 * `Engine.retire`. Accounts are looked at again: they may have been drawn on since they were found,
 * or be gone, and then only their place is cleared away.
 * KEYS runs, names, times, accounts, endings, totals; ARGV before, most, then accounts with their totals.
 */
export const retireScript = script(`${accounts}${lists}
local runs, names, times, accounts, endings, totals = unpack(KEYS)
local before = tonumber(ARGV[1])
checkSorted(names, endings)
redis.call('HLEN', runs)
local over = redis.call('ZREVRANGEBYSCORE', times, 0, string.format('(%d', -before), 'LIMIT', 0, ARGV[2])
local keys, totalKeys = {}, {}
for at = 3, #ARGV, 2 do
  keys[#keys + 1] = ARGV[at]
  totalKeys[#totalKeys + 1] = ARGV[at + 1]
end
for _, stored in ipairs(look(totals, totalKeys, 1, #totalKeys)) do assert(not stored or tonumber(stored), 'a total is no number') end
local gone, lost, sums = {}, {}, {}
for at, stored in ipairs(look(accounts, keys, 1, #keys)) do
  local _, settled, held, _, ends = read(stored or '0 0 0 0 -')
  local order = placeOf(settled, ends)
  if not stored then
    lost[#lost + 1] = keys[at]
  elseif order and held == 0 and (order == '-inf' or order < before) then
    gone[#gone + 1] = keys[at]
    if settled ~= 0 then sums[#sums + 1] = { totalKeys[at], string.format('%d', settled) } end
  end
end
for _, sum in ipairs(sums) do redis.call('HINCRBY', totals, sum[1], sum[2]) end
send('HDEL', accounts, gone)
send('ZREM', endings, gone)
send('ZREM', endings, lost)
send('HDEL', runs, over)
send('ZREM', names, over)
send('ZREM', times, over)
return #over + #gone + #lost
`)

/**
 * Moves rows, accounts and documents to other names, all or, where a row has changed meanwhile or its new name is taken, none.
 * An account that is there already is added to: what was spent stays spent.
 * KEYS as of `changeScript`; ARGV number of rows, of accounts, then for each row: name, expected
 * version, new name, row, its time; for each account and document: name, new name.
 */
export const renameScript = script(`${accounts}${lists}${versions}
local runs, names, times, accounts, endings, documents = unpack(KEYS)
local endOfRows = 2 + 5 * tonumber(ARGV[1])
local endOfAccounts = endOfRows + 2 * tonumber(ARGV[2])
checkSorted(names, times, endings)
local from, rows, added, timed = {}, {}, {}, {}
for at = 3, endOfRows, 5 do
  if versionOf(redis.call('HGET', runs, ARGV[at])) ~= tonumber(ARGV[at + 1]) then return 0 end
  if redis.call('HEXISTS', runs, ARGV[at + 2]) == 1 then return 0 end
  from[#from + 1] = ARGV[at]
  add(rows, ARGV[at + 2], ARGV[at + 3])
  add(added, 0, ARGV[at + 2])
  add(timed, ARGV[at + 4], ARGV[at + 2])
end
local left, values, placed, unplaced = {}, {}, {}, {}
for at = endOfRows + 1, endOfAccounts, 2 do
  local moved, there = redis.call('HGET', accounts, ARGV[at]), redis.call('HGET', accounts, ARGV[at + 1])
  if moved then
    local limit, settled, held, revision, ends = read(moved)
    local _, moreSettled, moreHeld, revisions, otherEnds = read(there or '0 0 0 0 -')
    local stands = there and placeOf(moreSettled, otherEnds)
    settled, held, revision = settled + moreSettled, held + moreHeld, revision + revisions
    left[#left + 1] = ARGV[at]
    add(values, ARGV[at + 1], written(limit, settled, held, revision, ends))
    place(placed, unplaced, ARGV[at + 1], stands or false, placeOf(settled, ends))
  end
end
local leaves, texts = {}, {}
for at = endOfAccounts + 1, #ARGV, 2 do
  local moved = redis.call('HGET', documents, ARGV[at])
  if moved then
    leaves[#leaves + 1] = ARGV[at]
    add(texts, ARGV[at + 1], moved)
  end
end
send('HDEL', runs, from)
send('ZREM', names, from)
send('ZREM', times, from)
send('HSET', runs, rows)
send('ZADD', names, added)
send('ZADD', times, timed)
send('HDEL', accounts, left)
send('ZREM', endings, left)
send('HSET', accounts, values)
send('ZADD', endings, placed)
send('ZREM', endings, unplaced)
send('HDEL', documents, leaves)
send('HSET', documents, texts)
return 1
`)
