local found = redis.call('GET', KEYS[1])
if ARGV[1] == '1' then
  if found ~= ARGV[2] then
    return 0
  end
elseif found then
  return 0
end
redis.call('SET', KEYS[1], ARGV[3], unpack(ARGV, 4))
return 1
