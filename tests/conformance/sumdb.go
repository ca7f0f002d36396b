// Judges our log by golang.org/x/mod/sumdb: reads questions as JSON, one a line, and answers each with a line.
//
// Leaf i of the log with a seed is the text "leaf <seed> <i>".
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Seed   int64
	Sizes  []int64    // trees of the same log, from small to large
	Leaves [][2]int64 // [size, index]: prove the leaf in the tree of that size
	Olds   [][2]int64 // [size, old]: prove that the larger tree continues the smaller
	Tiles  [][4]int64 // [level, index, width]: bytes of a tile of height 8
	Vkey   string     // opens Note
	Note   string
	Skey   string // signs Text
	Text   string
	Refuse []string // notes that must not open under Vkey
}

type answer struct {
	Roots  []tlog.Hash
	Leaves [][]tlog.Hash
	Olds   [][]tlog.Hash
	Tiles  [][]byte
	Opened string
	Signed string
	Opens  []int
}

type storage []tlog.Hash

func (s storage) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = s[index]
	}
	return out, nil
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(q question) (a answer) {
	var stored storage
	var most int64
	for _, size := range q.Sizes {
		if size > most {
			most = size
		}
	}
	for i := int64(0); i < most; i++ {
		hashes, err := tlog.StoredHashes(i, []byte(fmt.Sprintf("leaf %d %d", q.Seed, i)), stored)
		check(err)
		stored = append(stored, hashes...)
	}
	for _, size := range q.Sizes {
		root, err := tlog.TreeHash(size, stored)
		check(err)
		a.Roots = append(a.Roots, root)
	}
	for _, pair := range q.Leaves {
		proof, err := tlog.ProveRecord(pair[0], pair[1], stored)
		check(err)
		a.Leaves = append(a.Leaves, append([]tlog.Hash{}, proof...))
	}
	for _, pair := range q.Olds {
		proof, err := tlog.ProveTree(pair[0], pair[1], stored)
		check(err)
		a.Olds = append(a.Olds, append([]tlog.Hash{}, proof...))
	}
	for _, tile := range q.Tiles {
		data, err := tlog.ReadTileData(tlog.Tile{H: 8, L: int(tile[0]), N: tile[1], W: int(tile[2])}, stored)
		check(err)
		a.Tiles = append(a.Tiles, data)
	}
	if q.Vkey != "" {
		verifier, err := note.NewVerifier(q.Vkey)
		check(err)
		opened, err := note.Open([]byte(q.Note), note.VerifierList(verifier))
		check(err)
		a.Opened = opened.Text
		for i, bad := range q.Refuse {
			if _, err := note.Open([]byte(bad), note.VerifierList(verifier)); err == nil {
				a.Opens = append(a.Opens, i)
			}
		}
		signer, err := note.NewSigner(q.Skey)
		check(err)
		signed, err := note.Sign(&note.Note{Text: q.Text}, signer)
		check(err)
		a.Signed = string(signed)
	}
	return a
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var q question
		check(json.Unmarshal(lines.Bytes(), &q))
		check(out.Encode(judge(q)))
	}
	check(lines.Err())
}
