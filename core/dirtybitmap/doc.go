// Package dirtybitmap is the mover of dirty bitmaps: Saver and Loader of the
// section dirty-bitmap. The bits themselves go when the VM is stopped, or while
// it runs at its destination already, where its writes are recorded meanwhile.
package dirtybitmap
