// Package block is a machine's disks: a Graph of named Nodes, each of which
// holds an Image, Backends through which a guest and the migration know them,
// and Bitmaps of what was written.
//
// Who reads or writes a disk does it through its Node, which keeps the bitmaps;
// only a Node touches its Image.
package block

// Sector is the unit in which disks are measured, in bytes.
const Sector = 512
