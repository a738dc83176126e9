package answer

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// What was learned is looked up where it lies, in strings that are part of the binary: no map and no list is made of it at
// start. Of some 2.5 MB only those pages take memory then that a question has touched, and the system may drop them.

// table finds the number of a hash among those that were entered. The zero table has none.
type table struct {
	// starts are four bytes for each beginning that a hash may have, and four more: where those with it stand in sums.
	starts string
	// sums are the hashes, mixed and in ascending order, eight bytes each.
	sums string
}

// perStart is about how many hashes share a beginning.
const perStart = 8

// newTable enters hashes. It gives the table and the number of each hash in it.
func newTable(hashes []uint64) (table, map[uint64]int32) {
	list := slices.Clone(hashes)
	slices.SortFunc(list, func(a, b uint64) int { return cmp.Compare(mixed(a), mixed(b)) })
	list = slices.Compact(list)
	digits := bits.Len(uint(len(list) / perStart))
	starts, sums := make([]byte, 0, 4<<digits+4), make([]byte, 0, 8*len(list))
	number := make(map[uint64]int32, len(list))
	for n, h := range list {
		for uint64(len(starts)/4) <= mixed(h)>>(64-digits) {
			starts = binary.LittleEndian.AppendUint32(starts, uint32(n))
		}
		sums = binary.LittleEndian.AppendUint64(sums, mixed(h))
		number[h] = int32(n)
	}
	for len(starts) < 4<<digits+4 {
		starts = binary.LittleEndian.AppendUint32(starts, uint32(len(list)))
	}
	return table{string(starts), string(sums)}, number
}

// mixed spreads what tells hashes apart over their first digits. Those of short words are alike there.
func mixed(h uint64) uint64 { return h * 0x9E3779B97F4A7C15 }

// len is how many hashes there are.
func (t table) len() int { return len(t.sums) / 8 }

// find gives the number of a hash.
func (t table) find(h uint64) (n int32, ok bool) {
	if t.starts == "" {
		return 0, false
	}
	h = mixed(h)
	start := int32(h >> (64 - t.digits()))
	for n, end := int32(word(t.starts, start)), int32(word(t.starts, start+1)); n < end; n++ {
		if uint64(word(t.sums, 2*n))|uint64(word(t.sums, 2*n+1))<<32 == h {
			return n, true
		}
	}
	return 0, false
}

// has tells whether a hash was entered.
func (t table) has(h uint64) bool {
	_, ok := t.find(h)
	return ok
}

// digits is how many binary digits the beginning of a hash has.
func (t table) digits() int { return bits.Len(uint(len(t.starts)/4-1)) - 1 }

// whole tells that the parts of a table go together. It does not look at each hash: that would touch every page of them.
func (t table) whole() bool {
	begins := len(t.starts)/4 - 1
	return begins > 0 && len(t.starts) == 4<<t.digits()+4 && len(t.sums)%8 == 0 && int(word(t.starts, int32(begins))) == t.len()
}

// floats are a list of float32.
type floats string

func newFloats(list []float32) floats {
	b := make([]byte, 0, 4*len(list))
	for _, x := range list {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return floats(b)
}

func (l floats) at(i int32) float32 { return math.Float32frombits(word(string(l), i)) }

func (l floats) len() int { return len(l) / 4 }

// word gives the i-th four bytes of a text as a number.
func word(s string, i int32) uint32 {
	s = s[4*i : 4*i+4]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}
