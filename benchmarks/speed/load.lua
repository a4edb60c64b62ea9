-- For wrk: one message of a conversation of its own in each request, so that no two requests wait
-- for the lock of the same conversation.
local thread_count = 0

function setup(thread)
  thread:set("id", thread_count)
  thread_count = thread_count + 1
end

function init(args)
  count = 0
  message = args[1]
  prefix = args[2]
end

function request()
  count = count + 1
  local body = string.format(
    '{"sender": "%s-%d-%d", "message": "%s"}', prefix, id, count, message)
  return wrk.format("POST", nil, {["Content-Type"] = "application/json"}, body)
end

function response(status, headers, body)
  if status ~= 200 or body == "[]" then
    failed = (failed or 0) + 1
  end
end

function done(summary, latency, requests)
  io.write(string.format(
    "RESULT %d %d %f %f\n", summary.requests, summary.errors.status + summary.errors.timeout
    + summary.errors.connect + summary.errors.read, latency:percentile(50) / 1000,
    latency:percentile(95) / 1000))
end
