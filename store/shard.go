package store

// Hash mixes a number into 64 well spread bits (the finalizer of SplitMix64, Steele et al. 2014). Shards take the top
// bits and buckets the bottom ones, so that the two are independent. Golden tests pin it: it must never change.
func Hash(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// ShardOf gives the shard of a chat. A private chat has the id of its person.
func ShardOf(chat ChatID) Shard {
	return Shard(Hash(uint64(chat)) >> 58)
}

// Valid tells whether there is such a shard: one of persons, or [Global].
func (s Shard) Valid() bool { return s <= Global }
