// Before the first paint: the theme and density that were chosen last time.
try {
  for (const name of ["theme", "density"]) {
    const chosen = localStorage.getItem(`seatbridge.${name}`);
    if (chosen) document.documentElement.dataset[name] = chosen;
  }
} catch {
  // A browser that keeps nothing gets the system's theme.
}
