-- wrk FILE: what to ask. The file's lines are: method, path, body, then one cookie header a line. In path and body every
-- "{n}" becomes a number of its own, so that no form is a repetition. What was seen goes out as one line of numbers.
local method, path, body, cookies, n, unique = "GET", "/", nil, {}, 0, false

function init(args)
  local lines = io.lines(args[1])
  method, path, body = lines(), lines(), lines()
  for line in lines do cookies[#cookies + 1] = line end
  if body ~= "" then wrk.headers["Content-Type"] = "application/x-www-form-urlencoded" else body = nil end
  for k = 2, #args do
    local name, value = args[k]:match("^([^:]+): (.*)$")
    wrk.headers[name] = value
  end
  unique = (body or ""):find("{n}", 1, true) or path:find("{n}", 1, true)
  math.randomseed(os.time())
  n = math.random(1, 1000000) * 1000000
end

function request()
  n = n + 1
  if #cookies > 0 then wrk.headers["Cookie"] = cookies[n % #cookies + 1] end
  if not unique then return wrk.format(method, path, nil, body) end
  local put = function(text) return text and (text:gsub("{n}", tostring(n))) end
  return wrk.format(method, put(path), nil, put(body))
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("SEEN %d %d %d %d %d %d\n", summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
