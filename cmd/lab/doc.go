// Package lab tries to lose data. It runs the real program under load, kills it
// at any moment or cuts its power, starts it again on what is left, and checks
// that everything that was promised is there, once and in order. A second part
// lets many people come and go and looks for what grows.
//
// It holds tests only. The program runs in processes of its own: the test
// binary, started again. Nothing in the program knows of the laboratory: a power
// cut is a file system below SQLite that keeps beside each file what a disk
// would have after losing all that was not synced.
package lab
