-- Sends the requests of a file one after the other, each thread from its own place; prints one JSON line.
local requests = {}
local place = 1
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  for line in io.lines(args[1]) do
    local method, path, body = line:match("^(%S+)\t(%S+)\t?(.*)$")
    requests[#requests + 1] = wrk.format(method, path, nil, body ~= "" and body or nil)
  end
  place = 1 + math.floor(number * #requests / tonumber(args[2])) % #requests
end

function request()
  local chosen = requests[place]
  place = place % #requests + 1
  return chosen
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "us": %d, "p50_us": %d, "p95_us": %d, "bad_status": %d, "broken": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(95),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
