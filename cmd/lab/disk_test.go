package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Variables that give the program a disk which may lose its power.
const (
	diskVariable = "LAB_DISK" // folder of the images
	cutVariable  = "LAB_CUT"  // sync at which the power goes; 0: it does not
	seedVariable = "LAB_DISK_SEED"
)

// disk is a VFS of SQLite over the usual one. It does what that does, and keeps
// an image of each file of the database in another folder.
//
// The files themselves must be read through SQLite only: closing any other
// descriptor of them would drop SQLite's locks.
type disk struct {
	mu      sync.Mutex // held during whatever changes a file
	dir     string
	images  map[string]*image // by name
	open    map[uintptr]*opened
	usual   uintptr // the VFS below
	methods map[uintptr]uintptr
	random  *rand.Rand
	syncs   int
	cut     int
	after   bool // the last sync is on the disk
}

// opened is an open file as SQLite knows it.
type opened struct {
	id    uintptr
	below *sqlite3.Tsqlite3_io_methods
	image *image
}

// power is the disk of this process. SQLite calls functions, not methods.
var power *disk

// at is the C structure at an address outside of Go's memory.
func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

// callee is the function a C function pointer stands for.
func callee[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&struct{ uintptr }{p})) }

// pointer is a C function pointer to a function, which must be no closure.
func pointer(f any) uintptr {
	type words [2]uintptr
	return (*words)(unsafe.Pointer(&f))[1]
}

// insertDisk puts a disk under everything this process opens from now on, when
// the environment says so.
func insertDisk() error {
	dir := os.Getenv(diskVariable)
	if dir == "" {
		return nil
	}
	cut, errCut := strconv.Atoi(os.Getenv(cutVariable))
	seed, errSeed := strconv.ParseUint(os.Getenv(seedVariable), 10, 64)
	if err := errors.Join(errCut, errSeed); err != nil {
		return err
	}
	tls := libc.NewTLS()
	defer tls.Close()
	name, err := libc.CString("lab")
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(seed, 1))
	power = &disk{
		dir: dir, images: map[string]*image{}, open: map[uintptr]*opened{}, methods: map[uintptr]uintptr{},
		usual: sqlite3.Xsqlite3_vfs_find(tls, 0), random: random, cut: cut, after: random.IntN(2) == 0,
	}
	size := unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})
	over := libc.Xmalloc(tls, libc.Tsize_t(size)) // for as long as the process lives, like the name
	*at[sqlite3.Tsqlite3_vfs](over) = *at[sqlite3.Tsqlite3_vfs](power.usual)
	vfs := at[sqlite3.Tsqlite3_vfs](over)
	vfs.FpNext, vfs.FzName, vfs.FxOpen, vfs.FxDelete = 0, name, pointer(diskOpen), pointer(diskDelete)
	if rc := sqlite3.Xsqlite3_vfs_register(tls, over, 1); rc != sqlite3.SQLITE_OK {
		return fmt.Errorf("register the disk: %d", rc)
	}
	return nil
}

// named returns the image of a file; nil for files that are nobody's business.
func (d *disk) named(path uintptr) *image {
	if path == 0 {
		return nil // a temporary one
	}
	name := filepath.Base(libc.GoString(path))
	switch name {
	case "tmates.db", "tmates.db-wal", "tmates.db-journal":
	default:
		return nil
	}
	if d.images[name] == nil {
		d.images[name] = newImage(filepath.Join(d.dir, name))
	}
	return d.images[name]
}

func diskOpen(tls *libc.TLS, _, path, file uintptr, flags int32, out uintptr) int32 {
	d := power
	d.mu.Lock()
	defer d.mu.Unlock()
	open := callee[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](at[sqlite3.Tsqlite3_vfs](d.usual).FxOpen)
	rc := open(tls, d.usual, path, file, flags, out)
	im := d.named(path)
	if rc != sqlite3.SQLITE_OK || im == nil {
		return rc
	}
	f := at[sqlite3.Tsqlite3_file](file)
	below := at[sqlite3.Tsqlite3_io_methods](f.FpMethods)
	d.open[file] = &opened{id: file, below: below, image: im}
	if d.methods[f.FpMethods] == 0 {
		over := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(*below)))
		own := at[sqlite3.Tsqlite3_io_methods](over)
		*own = *below
		own.FxClose, own.FxWrite, own.FxTruncate, own.FxSync = pointer(diskClose), pointer(diskWrite), pointer(diskTruncate), pointer(diskSync)
		d.methods[f.FpMethods] = over
	}
	f.FpMethods = d.methods[f.FpMethods]
	d.must(d.adopt(im, reader{tls, d.open[file]}))
	return rc
}

// adopt makes the image of a file that was there before SQLite opened it: the
// program syncs what it writes itself.
func (d *disk) adopt(im *image, from reader) error {
	if _, err := os.Stat(im.path); !errors.Is(err, fs.ErrNotExist) || len(im.dirty) > 0 || im.gone {
		return err
	}
	size, err := from.size()
	if err != nil || size == 0 {
		return err
	}
	im.write(0, size)
	return im.sync(from)
}

func diskClose(tls *libc.TLS, file uintptr) int32 {
	d := power
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.open[file]
	delete(d.open, file)
	return callee[func(*libc.TLS, uintptr) int32](f.below.FxClose)(tls, file)
}

func diskWrite(tls *libc.TLS, file, data uintptr, n int32, off int64) int32 {
	d := power
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.open[file]
	f.image.write(off, int64(n))
	return callee[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](f.below.FxWrite)(tls, file, data, n, off)
}

func diskTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	d := power
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.open[file]
	rc := callee[func(*libc.TLS, uintptr, int64) int32](f.below.FxTruncate)(tls, file, size)
	if rc == sqlite3.SQLITE_OK {
		f.image.truncate(size)
	}
	return rc
}

func diskSync(tls *libc.TLS, file uintptr, flags int32) int32 {
	d := power
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.open[file]
	d.syncs++
	last := d.syncs == d.cut
	if last && !d.after {
		d.fail(tls)
	}
	rc := callee[func(*libc.TLS, uintptr, int32) int32](f.below.FxSync)(tls, file, flags)
	if rc == sqlite3.SQLITE_OK {
		d.must(f.image.sync(reader{tls, f}))
	}
	if last {
		d.fail(tls)
	}
	return rc
}

func diskDelete(tls *libc.TLS, _, path uintptr, syncDir int32) int32 {
	d := power
	d.mu.Lock()
	defer d.mu.Unlock()
	rc := callee[func(*libc.TLS, uintptr, uintptr, int32) int32](at[sqlite3.Tsqlite3_vfs](d.usual).FxDelete)(tls, d.usual, path, syncDir)
	if im := d.named(path); im != nil && rc == sqlite3.SQLITE_OK {
		d.must(im.remove(syncDir != 0))
	}
	return rc
}

// fail is the power cut: the images get what happened to reach the disk, and
// the process ends. The lock keeps everybody else from the files.
func (d *disk) fail(tls *libc.TLS) {
	piece := []int64{1, 8}[d.random.IntN(2)]
	for _, name := range []string{"tmates.db", "tmates.db-wal", "tmates.db-journal"} {
		im := d.images[name]
		if im == nil {
			continue
		}
		var from source
		for _, f := range d.open {
			if f.image == im {
				from = reader{tls, f}
			}
		}
		d.must(im.lose(from, d.random, piece))
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// must ends the process when the laboratory itself does not work.
func (d *disk) must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "disk of the laboratory:", err)
		os.Exit(1)
	}
}

// reader reads an open file through SQLite.
type reader struct {
	tls *libc.TLS
	f   *opened
}

func (r reader) size() (int64, error) {
	p := libc.Xmalloc(r.tls, 8)
	defer libc.Xfree(r.tls, p)
	if rc := callee[func(*libc.TLS, uintptr, uintptr) int32](r.f.below.FxFileSize)(r.tls, r.f.id, p); rc != sqlite3.SQLITE_OK {
		return 0, fmt.Errorf("size of %s: %d", r.f.image.path, rc)
	}
	return *at[int64](p), nil
}

func (r reader) readAt(data []byte, off int64) error {
	p := libc.Xmalloc(r.tls, sector)
	defer libc.Xfree(r.tls, p)
	rc := callee[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](r.f.below.FxRead)(r.tls, r.f.id, p, int32(len(data)), off)
	if rc != sqlite3.SQLITE_OK {
		return fmt.Errorf("read %d bytes of %s at %d: %d", len(data), r.f.image.path, off, rc)
	}
	copy(data, at[[sector]byte](p)[:])
	return nil
}
