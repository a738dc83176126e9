package redisstore

import (
	"strconv"
	"time"

	"recbot/store"
)

// call is a batch as the script takes it: see apply.lua.
type call struct {
	keys  []string
	types []byte // of keys from the third on
	args  []any
	index map[string]int // of a key in keys, from 1
}

// encode packs a valid batch. The operation id's key and how long its result is kept are given.
func (l layout) encode(s store.Shard, b store.Batch, op string, keep time.Duration) *call {
	c := &call{keys: []string{l.seq(s), op}, index: make(map[string]int)}
	c.args = append(c.args, millis(keep), len(b.If), len(b.Do), "")
	for _, cond := range b.If {
		kind := "d"
		if cond.Kind == store.CondHolds {
			kind = "e"
		}
		c.args = append(c.args, c.key(l.key(s, kind, cond.Key), 's'), revText(cond.Rev))
	}
	for _, m := range b.Do {
		c.mutation(l, s, m)
	}
	c.args[3] = string(c.types)
	return c
}

// key gives the number of a key, which it enters the first time. A key always has the same type, for the kind decides it.
func (c *call) key(key string, kind byte) int {
	if i, ok := c.index[key]; ok {
		return i
	}
	c.keys = append(c.keys, key)
	c.types = append(c.types, kind)
	c.index[key] = len(c.keys)
	return len(c.keys)
}

// mutation adds a mutation's five arguments. Arguments that a kind does not use stand empty, so that the script can step
// through them evenly.
func (c *call) mutation(l layout, s store.Shard, m store.Mutation) {
	add := func(what, kind string, redisType byte, a, b any) {
		c.args = append(c.args, what, c.key(l.key(s, kind, m.Key), redisType), a, b, 0)
	}
	switch m.Kind {
	case store.MutPut:
		add("put", "d", 's', m.Value, millis(m.TTL))
	case store.MutDelete:
		add("del", "d", 's', "", "")
	case store.MutAdd:
		c.member(l, s, "add", m)
	case store.MutRemove:
		c.member(l, s, "rem", m)
	case store.MutSchedule:
		add("sch", "q", 'z', m.Member, m.At.UnixMilli())
	case store.MutUnschedule:
		add("uns", "q", 'z', m.Member, "")
	case store.MutIncr:
		add("inc", "c", 's', m.N, millis(m.TTL))
	case store.MutAppend:
		add("app", "l", 'z', m.Value, "")
	case store.MutTrim:
		add("trm", "l", 'z', revText(m.Rev), "")
	case store.MutAcquire:
		add("acq", "e", 's', m.Member, millis(m.TTL))
	case store.MutRenew:
		add("ren", "e", 's', revText(m.Rev), millis(m.TTL))
	case store.MutRelease:
		add("rel", "e", 's', revText(m.Rev), "")
	}
}

// member is a change of an index: of a bucket, and of the hash that counts the buckets.
func (c *call) member(l layout, s store.Shard, what string, m store.Mutation) {
	bucket := bucketOf(m.Member)
	key := c.key(l.bucketKey(s, m.Key, bucket), 'z')
	counts := c.key(l.key(s, "x", m.Key), 'h')
	c.args = append(c.args, what, key, m.Member, bucket, counts)
}

// revText is a revision as the script compares it: as text, for Lua's numbers would do but its printing of them would not.
func revText(r store.Rev) string { return strconv.FormatInt(int64(r), 10) }

// millis counts parts of a millisecond as a whole one.
func millis(d time.Duration) int64 { return int64((d + time.Millisecond - 1) / time.Millisecond) }
