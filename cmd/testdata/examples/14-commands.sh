want "Ann" "$(tmates agent adam --message "Hello" --as "$EMAIL")"
want "Ann" "$(echo Hello | tmates chat open adam --as "$EMAIL")"
