import { invoke } from "@tauri-apps/api/core";
document.body.textContent = await invoke("read");
