-- Posts the bodies listed in a file, one a line, as a page's sendBeacon does.
-- The requests are made beforehand, so that wrk measures the server and not Lua.
local requests = {}
local position = 0

function init(arguments)
  local headers = {
    ["Host"] = "go.example",
    ["User-Agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    ["Accept"] = "*/*",
    ["Accept-Language"] = "en-GB,en;q=0.9",
    ["Accept-Encoding"] = "gzip, deflate, br",
    ["Content-Type"] = "text/plain;charset=UTF-8",
    ["Origin"] = "https://example.com",
    ["Referer"] = "https://example.com/",
    ["Sec-Fetch-Dest"] = "empty",
    ["Sec-Fetch-Mode"] = "no-cors",
    ["Sec-Fetch-Site"] = "cross-site",
  }
  for body in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("POST", "/events", headers, body)
  end
end

function request()
  position = position % #requests + 1
  return requests[position]
end
