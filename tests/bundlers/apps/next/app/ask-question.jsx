"use client";
import { useEffect } from "react";
import { ask } from "../ask.js";

export function Ask() {
  useEffect(() => void ask(), []);
  return null;
}
