/* --- Enter in a search field inside a form presses the button of the search --- */
document.addEventListener("keydown", (event) => {
  const button = event.key === "Enter" && document.getElementById(event.target.dataset?.enter);
  if (button) {
    event.preventDefault();
    button.click();
  }
});
