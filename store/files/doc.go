// Package files keeps the files of users on the local disk: one private folder
// per user id, under "files" in the data folder.
//
// A file is complete or absent: [Store.Put] writes beside the target, syncs and
// renames, so neither a broken upload nor a power cut leaves half of one, and a
// file it returned is on the disk. Everything goes through os.Root: a path or a
// link that leads out of the user's folder is refused, also when it changes
// while it is used. Links are never listed; what [Store.Walk] shows,
// [Store.Open] opens and [Store.Delete] deletes.
//
// A user without a folder, and an id that is no user's, look like a user
// without files. The package holds nothing open between calls, knows nothing of
// accounts and quotas, and never reads a whole file into memory.
//
// Which files there are is written down in the database, too. Whoever keeps that
// index changes the disk first and the index then, when a file comes as well as
// when it goes: what a crash leaves between the two is mended at the next start
// by making the index say what the disk holds.
package files
