package redisstore

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"recbot/store"
)

// layout names keys; it is the prefix. Every key is <prefix>{<shard>}<kind>:<name>, where the braces are a hash tag of Redis:
// what stands between them alone decides the slot. Kinds and Redis types:
//
//	d    STRING  document: revision SP bytes, with PX
//	x    HASH    bucket -> number of members: which buckets of an index are not empty
//	x00… ZSET    a bucket of an index, score 0; xff is the last
//	q    ZSET    due queue, score in ms
//	c    STRING  counter, with PX
//	l    ZSET    log, score is the revision: revision SP bytes
//	e    STRING  lease: token SP holder, with PX
//	i    STRING  result of an operation id: JSON [revision, counter...], with PX
//	seq  STRING  last revision (no name)
//
// Kinds end at the first colon and names come last, so no name is mistaken for another kind's.
type layout string

// tag is the hash tag of a shard.
func tag(s store.Shard) string {
	if s == store.Global {
		return "{g}"
	}
	return "{s" + strconv.Itoa(int(s)) + "}"
}

// key names what a kind has under a name.
func (l layout) key(s store.Shard, kind, name string) string {
	return string(l) + tag(s) + kind + ":" + name
}

// seq names the last revision of a shard.
func (l layout) seq(s store.Shard) string { return string(l) + tag(s) + "seq" }

// bucketKey names a bucket of an index.
func (l layout) bucketKey(s store.Shard, index, bucket string) string {
	return l.key(s, "x"+bucket, index)
}

// buckets is how many parts an index of one shard has. Up to 128 members Redis keeps a part in a list without pointers, an
// eighth of the memory: 64 shards of 256 parts reach two million members. With a quarter of the parts a million people with
// four follows and two leads took 1957 bytes each, and take a quarter of that now.
const buckets = 256

// bucketOf gives the bucket of a member, two hexadecimal digits. It takes the bottom bits of a hash of which shards take the top ones, so
// that the members of one shard spread over all its buckets. It must never change.
func bucketOf(member string) string {
	h := fnv.New64a()
	h.Write([]byte(member))
	return fmt.Sprintf("%02x", store.Hash(h.Sum64())%buckets)
}

// cursor is a place in an index: behind a member, which stands in a bucket.
func cursor(bucket, member string) store.Cursor { return store.Cursor(bucket + ":" + member) }

// parseCursor refuses what [cursor] did not make: to begin anew without a word would give members twice.
func parseCursor(c store.Cursor) (bucket, member string, err error) {
	if c == "" {
		return "", "", nil
	}
	bucket, member, ok := strings.Cut(string(c), ":")
	if !ok || len(bucket) != 2 || member == "" {
		return "", "", fmt.Errorf("cursor %.20q is not of this store", c)
	}
	return bucket, member, nil
}

// parseDoc splits a document, a log's record or a lease.
func parseDoc(s string) (store.Rev, []byte, error) {
	rev, rest, ok := strings.Cut(s, " ")
	n, err := strconv.ParseInt(rev, 10, 64)
	if !ok || err != nil || n <= 0 {
		return 0, nil, fmt.Errorf("no revision in %d bytes: %w", len(s), store.ErrCorrupt)
	}
	return store.Rev(n), []byte(rest), nil
}
